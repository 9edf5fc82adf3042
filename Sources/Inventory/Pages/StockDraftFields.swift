import Base
import People
import Store
import Web

/// The fields of a document's form: head, scan, lines and buttons, of a panel beside the list or of a page
/// of their own.
struct StockDraftFields {
    let call: Call
    let form: Form
    let kind: StockDocument.Kind
    /// Beside the list there is little room: only what a scan needs.
    let isShort: Bool
    private let parts: [Int: Part]
    private let lineCount: Int
    private let places: PlaceChoice
    private let actor: Actor
    private let currency: String?
    /// Above it a service manager approves, as an amount of the house's currency.
    private let limit: String
    /// Whose stock may be, beside the house's own: for those who answer for stock.
    private let owners: [(String, String)]
    /// Where a line was refused for want of a part that another one succeeds.
    let successor: HTML

    init(_ call: Call, _ kind: StockDocument.Kind, isShort: Bool, _ tx: Transaction) throws {
        self.call = call
        self.kind = kind
        self.isShort = isShort
        form = Form(call)
        actor = tx.actor
        places = try PlaceChoice(tx)
        let house = try Settings.currency(tx)
        currency = StockAccess.seesValues(tx.actor) ? house : nil
        limit = Money.text(try Inventory.approvalLimit(tx), house, isShort: true)
        isTogether =
            try [.scrapping, .adjustment, .return, .statusChange].contains(kind)
            && Inventory.amount(.stockAloneHours, tx) > 0
        var ids: [Int: PartID] = [:]
        var count = 0
        while count < StockBounds.lines.upperBound,
            call.typed("lines.\(count).quantity") != nil
                || call.typed("lines.\(count).part_id") != nil
        {
            ids[count] = call.typed("lines.\(count).part_id").map { PartID($0) }
            count += 1
        }
        lineCount = count
        let found = try tx.parts(Set(ids.values).sorted())
        parts = ids.compactMapValues { found[$0] }
        owners =
            !isShort && kind != .kit && kind != .unkit
                && tx.actor.hasAny(Roles([.keeper, .siteLead]))
            ? try People.customers(tx).map { ($0.id.text, $0.name(in: call.language)) } : []
        successor = try StockSuccessor.button(call, parts, tx)
    }

    /// Whether what the same person posted alone is held against the limit too.
    private let isTogether: Bool

    /// Whether pressing the button posts, or asks for it.
    private var posts: Bool {
        if actor.has(.keeper) || (kind == .statusChange && actor.has(.quality)) { return true }
        return places.all.first { $0.id.text == call.typed("place_id") }.map { StockAccess.keeps($0, actor) }
            ?? false
    }

    var place: HTML {
        let mine = places.options(call) { StockAccess.mayDraw(kind, $0, actor) }
        let key = kind == .transfer || kind == .shipment ? "stock.f.from" : "stock.f.place"
        let own = places.own(actor)?.id.text
        let first = mine.contains { $0.0 == own } ? own : mine.first?.0
        return form.select("place_id", call.t(key), mine, value: first, empty: call.t("form.choose"))
    }

    var toPlace: HTML {
        guard kind == .transfer || kind == .shipment else { return "" }
        return form.select(
            "to_place_id", call.t(kind == .shipment ? "stock.f.consignee" : "stock.f.to_place_id"),
            places.options(call),
            empty: kind == .transfer ? call.t("form.choose") : call.t("stock.to_customer"))
    }

    var ticket: HTML {
        guard [.issue, .shipment, .loan, .return].contains(kind) else { return "" }
        // An issue for no ticket is asked for a reason; the whole form has that field anyway.
        let asks =
            isShort && kind == .issue
            && (call.fault("ticket_id") != nil || call.typed("reason")?.isEmpty == false)
        let reason: HTML = asks ? form.text("reason", call.t("form.reason")) : ""
        // An issue or a loan is for a ticket or somebody else.
        let mayBeEmpty = kind != .issue && kind != .loan
        return form.text("ticket_id", call.t("stock.f.ticket_id"), isSerial: true, optional: mayBeEmpty)
            + reason
    }

    /// What such a document can't do without, beside its places: who borrows and until when, why.
    func needed(_ tx: Transaction) throws -> HTML {
        if needsReason { return reason }
        if kind == .shipment { return try partner(tx) }
        guard kind == .loan else { return "" }
        return try partner(tx)
            + form.text(
                "due_on", call.t("stock.f.due_on"), type: "date", width: "w-m", required: false,
                optional: false)
    }

    private func partner(_ tx: Transaction) throws -> HTML {
        // Who the house's customers are is not for everybody who asks for a part.
        let partners =
            kind == .receipt
            ? try People.suppliers(tx) : tx.actor.has(.keeper) ? try People.customers(tx) : []
        guard !partners.isEmpty else { return "" }
        return form.select(
            "partner_id", call.t("stock.f." + (kind == .receipt ? "supplier_id" : "customer")),
            partners.map { ($0.id.text, $0.name(in: call.language)) }, empty: "–",
            hint: kind == .loan ? call.t("stock.borrower.hint") : nil,
            optional: kind == .loan ? false : nil)
    }

    /// The part that the scanner writes into. Its button comes first, so that Enter presses it.
    var scan: HTML {
        ScanField.html(
            call, "scan", call.t("stock.scan"),
            hasFocus: lineCount > 0 && call.fault("scan") == nil && call.failure == nil,
            beside: """
                <input class="input scan-n" name="scan_quantity" value="\(call.typed("scan_quantity"))" inputmode="numeric" autocomplete="off" \
                aria-label="\(call.t("stock.f.quantity"))" placeholder="1">\
                <button class="btn btn-l" type="submit" name="do" value="add">\(call.t("stock.scan.add"))</button>
                """, below: newPart)
    }

    /// What comes in may be of a part that the catalogue does not have yet.
    private var newPart: HTML {
        guard actor.has(.keeper), [.receipt, .return, .adjustment].contains(kind),
            call.failure?.fields.contains(where: { $0.code == "stock.unknown_scan" }) == true,
            let number = call.typed("scan"), let path = StockDraftPage.newPart(number, call)
        else { return "" }
        return "<p class=\"row\">\(Parts.link(path, call.t("stock.part.add", ["part": number]), .plus))</p>"
    }

    var lines: HTML {
        if lineCount == 0 {
            let fault = call.fault("lines")
            return """
                <p class="\(fault == nil ? "muted small" : "error")" id="f-lines">\(fault ?? call.t("stock.lines.none"))</p>
                """
        }
        return """
            <ul class="lines draft-lines" id="f-lines">\((0..<lineCount).html(line))</ul>
            """
    }

    private func line(_ i: Int) -> HTML {
        let start = "lines.\(i)."
        let name = parts[i].map { $0.name(in: call.language) } ?? "–"
        let fault = call.fault(start + "part_id")
        return """
            <li><span><strong>\(name)</strong><br><span class="sn muted">\(parts[i]?.number)</span></span>\
            \(form.hidden(start + "part_id", call.typed(start + "part_id") ?? ""))\
            <button class="btn btn-quiet btn-icon" type="submit" name="do" value="remove.\(i)" aria-label="\(call.t("stock.line.remove", ["part": name]))">\(Icon.x)</button>\
            \(fault.map { "<p class=\"error line-fields\" id=\"f-\(start)part_id\">\($0)</p>" } ?? "" as HTML)\
            <div class="line-fields">\(fields(start, parts[i]))</div></li>
            """
    }

    private func fields(_ start: String, _ part: Part?) -> HTML {
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        let unit = part.map { StockWords.unit($0, call) } ?? ""
        // What was just scanned is asked for its quantity next.
        let isNext = start == "lines.\(call.typed("scanned") ?? "")."
        var h = form.text(
            start + "quantity", call.t("stock.quantity.unit", ["unit": unit]), value: "1", required: true,
            inputMode: "numeric", mark: isNext ? "data-scanned" : nil)
        let enters = [.receipt, .return].contains(kind) || kind == .adjustment
        if part?.tracking == .serial {
            h += form.text(start + "serial", t("serial"), isSerial: true, optional: false)
        }
        if part?.tracking == .batch {
            h += form.text(
                start + "batch", t("batch"), hint: enters ? nil : call.t("stock.batch.hint"), isSerial: true,
                optional: !enters)
            if kind == .receipt {
                h += form.text(start + "expires_on", t("expires_on"), type: "date")
            }
        }
        if kind == .receipt || kind == .adjustment, let currency {
            h += form.text(
                start + "unit_cost", call.t("stock.unit_cost", ["currency": currency]), inputMode: "decimal")
        }
        let statuses = StockWords.statuses(call)
        switch kind {
        case .adjustment:
            h += form.select(
                start + "direction", t("direction"),
                StockLine.Direction.allCases.map { ($0.rawValue, call.t("stock.direction.\($0.rawValue)")) },
                value: "out")
        case .statusChange:
            h += form.select(start + "status", t("from_status"), statuses, value: "usable")
            h += form.select(start + "to_status", t("to_status"), statuses, value: "quarantine")
        case .return:
            h += form.select(start + "status", t("status"), statuses, value: "defective")
            if !isShort {
                h += form.select(
                    start + "disposition", t("disposition"),
                    StockLine.Disposition.allCases.map {
                        ($0.rawValue, call.t("stock.disposition.\($0.rawValue)"))
                    }, value: "inspect")
                h += form.text(start + "replacement_serial", t("replacement_serial"), isSerial: true)
                h += form.text(start + "condition", t("condition"))
            }
        case .transfer, .shipment, .scrapping:
            if !isShort { h += form.select(start + "status", t("status"), statuses, value: "usable") }
            if !isShort, kind == .shipment {
                h += form.text(start + "package", t("package"))
                h += form.text(start + "gross_weight", t("gross_weight"), inputMode: "decimal")
            }
        default: break
        }
        let owner = call.typed(start + "owner_id") ?? ""
        if owners.isEmpty {
            if !owner.isEmpty { h += form.hidden(start + "owner_id", owner) }
        } else {
            h += form.select(
                start + "owner_id", t("owner"), owners, empty: call.t("stock.owner.house"), optional: false)
        }
        return h
    }

    /// What the whole form has beyond the panel.
    func more(_ tx: Transaction) throws -> HTML {
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        var h = HTML()
        if kind == .receipt {
            h += form.select(
                "source", t("source"),
                StockDocument.Source.allCases.map { ($0.rawValue, call.t("stock.source.\($0.rawValue)")) },
                value: "supplier")
        }
        if [.receipt, .issue].contains(kind) { h += try partner(tx) }
        if kind == .shipment || kind == .transfer {
            h += form.text("carrier", t("carrier")) + form.text("waybill", t("waybill"), isSerial: true)
            if kind == .shipment {
                h += form.text("customs_reference", t("customs_reference"), isSerial: true)
                h += form.text("package_count", t("package_count"), width: "w-s", inputMode: "numeric")
                h += form.text("gross_weight", t("gross_weight"), width: "w-s", inputMode: "decimal")
                h += form.area("packages", t("packages"), hint: call.t("stock.packages.hint"), rows: 2)
            }
            h += form.text("shipped_on", t("shipped_on"), type: "date", width: "w-m")
            h += form.text("arrives_on", t("arrives_on"), type: "date", width: "w-m")
        }
        h += form.text(
            "posted_on", t("posted_on"), hint: call.t("stock.posted_on.hint"), type: "date", width: "w-m")
        return needsReason ? h : h + reason
    }

    private var needsReason: Bool { kind == .adjustment || kind == .scrapping }

    private var reason: HTML {
        form.area("reason", call.t("form.reason"), rows: 2, required: needsReason)
    }

    var buttons: HTML {
        let key = posts ? "stock.post" : "stock.ask"
        let label =
            lineCount < 2 ? call.t(key) : call.t(key + ".lines", ["n": String(lineCount)])
        return """
            <button class="btn btn-primary" type="submit" name="do" value="submit" data-send>\(label)</button>\
            <button class="btn" type="submit" name="do" value="draft">\(call.t("stock.keep_draft"))</button>\
            <span class="muted tiny">\(call.t(posts ? "stock.post.hint" : "stock.ask.hint")) \(call.t(isTogether ? "stock.limit.hint.together" : "stock.limit.hint", ["limit": limit]))</span>
            """
    }
}
