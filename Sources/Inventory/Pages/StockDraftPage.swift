import Base
import People
import Store
import Web

/// A document being written, on a page of its own.
enum StockDraftPage {
    static func new(_ given: Call, _ tx: Transaction) throws -> Reply {
        let kinds = StockDraftForm.kinds(tx.actor)
        guard let first = kinds.first else { throw Failure.forbidden() }
        var call = try StockDraftForm.shown(given, tx)
        if given.method == "GET" { call.content = .form(try fromQuery(call, tx)) }
        let kind = kinds.first { $0.rawValue == call.typed("kind") } ?? first
        let title = call.t("stock.new.\(kind.rawValue)")
        let links = kinds.html { k in
            """
            <a href="/stock/documents/new?kind=\(k.rawValue)"\(HTML.when(k == kind, " aria-current=\"page\""))>\(StockWords.kind(k, call))</a>
            """
        }
        return try page(
            call, kind, title: title, action: "/stock/documents",
            back: ("/stock/documents", call.t("stock.documents")),
            "<nav class=\"views\" aria-label=\"\(call.t("stock.f.kind"))\">\(links)</nav>", version: nil, tx)
    }

    static func edit(_ given: Call, _ tx: Transaction) throws -> Reply {
        let d = try Inventory.document(of: given, nil, tx)
        try Inventory.requireDrawer(d, tx)
        guard d.state == .draft, d.reversalOf == nil else { throw Inventory.wrongState(d) }
        var call = try StockDraftForm.shown(given, tx)
        if given.method == "GET" {
            var shown = d
            // From a refusal: the successor instead of what is not there.
            if let i = given.queryValue("replace").flatMap({ Int($0) }), d.lines.indices.contains(i),
                let next = try StockSuccessor.replacement(for: d.lines[i].part, at: d.place.text, tx)
            {
                shown.lines[i].part = next.id
                (shown.lines[i].serial, shown.lines[i].batch) = ("", "")
            }
            let said = try fromQuery(call, tx)
            call.content = .form(
                said.contains { line(of: $0.name) != nil } ? said : try fields(of: shown, tx))
        }
        return try page(
            call, d.kind, title: call.t("stock.edit", ["number": d.number]),
            action: "/stock/documents/\(d.id.text)", back: ("/stock/documents/\(d.number)", d.number), "",
            version: d.version, tx)
    }

    private static func page(
        _ call: Call, _ kind: StockDocument.Kind, title: String, action: String, back: (String, String),
        _ above: HTML, version: Int64?, _ tx: Transaction
    ) throws -> Reply {
        let f = try StockDraftFields(call, kind, isShort: false, tx)
        return try Layout.page(
            call, tx, title: title, current: "/stock/documents", scripts: ["scan.js"],
            """
            \(Parts.head(title, crumbs: [back]))\(above)\(f.form.summary)\
            <form method="post" action="\(action)" class="split-wide" data-nowarn>\(Layout.token(call))\(version.map(Parts.version))\
            \(f.form.hidden("kind", kind.rawValue))\
            <div class="panel"><div class="panel-body stack">\(f.place)\(f.toPlace)\(f.ticket)\(try f.needed(tx))\(f.scan)\(f.successor)\(f.lines)</div>\
            <div class="panel-foot">\(f.buttons)</div></div>\
            <aside class="panel"><div class="panel-head"><h2>\(call.t("stock.more"))</h2></div><div class="panel-body stack">\(try f.more(tx))</div></aside></form>
            """)
    }

    /// What a link to a document says of it: place, ticket, lines, and a part that becomes one more line.
    private static func fromQuery(_ call: Call, _ tx: Transaction) throws -> [(name: String, value: String)] {
        let own: Set<String> = ["part", "quantity", "serial", "replace", "done"]
        var out = call.query.filter { !own.contains($0.name) && !$0.value.isEmpty }
        if let part = try call.queryValue("part").flatMap({ try tx.part($0) }) {
            let lines = Set(out.compactMap { line(of: $0.name) })
            let i = (lines.max() ?? -1) + 1
            out += [
                ("lines.\(i).part_id", part.id.text),
                ("lines.\(i).quantity", call.queryValue("quantity") ?? "1"),
            ]
            if let serial = call.queryValue("serial") { out.append(("lines.\(i).serial", serial)) }
        }
        return out
    }

    /// `lines.3.quantity` speaks of line 3.
    private static func line(of name: String) -> Int? {
        let words = name.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "lines", let i = Int(words[1]), (0..<200).contains(i) else {
            return nil
        }
        return i
    }

    // MARK: A part that is not known yet

    /// The way to a new part and back to the form as it was typed; nil where it is too much for an address.
    static func newPart(_ number: String, _ call: Call) -> String? {
        guard case .form(let pairs) = call.content else { return nil }
        let left: Set<String> = ["_form", "version", "do", "scan", "scan_quantity", "scanned"]
        let typed = FormBody(
            pairs.filter { !left.contains($0.name) && !$0.value.isEmpty }.map { .init($0.name, $0.value) })
        let words = call.path.split(separator: "/")
        let isDraft = words.count == 3 && words[1] == "documents"
        let form = isDraft ? "/stock/documents/\(words[2])/edit" : "/stock/documents/new"
        let then = "\(form)?\(typed.encoded)"
        guard then.utf8.count <= 4000 else { return nil }
        return "/stock/parts/new?" + FormBody([.init("number", number), .init("then", then)]).encoded
    }

    /// Back to the form, with the new part in it; nil for an address of anything else.
    static func back(_ then: String?, with part: PartID) -> String? {
        guard let then, then.hasPrefix("/stock/documents/"), then.utf8.count <= 8000,
            then.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return then + (then.contains("?") ? "&" : "?") + "part=\(part.text)"
    }

    private static func fields(of d: StockDocument, _ tx: Transaction) throws -> [(
        name: String, value: String
    )] {
        var out: [(name: String, value: String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { out.append((name, value)) }
        }
        let currency = try Settings.currency(tx)
        add("kind", d.kind.rawValue)
        add("place_id", d.place.text)
        add("to_place_id", d.toPlace?.text)
        add("ticket_id", d.ticket?.number)
        add("reason", d.reason)
        add("source", d.source?.rawValue)
        add("partner_id", d.partner?.text)
        add("due_on", StockWords.day(d.dueOn))
        add("posted_on", StockWords.day(d.postedOn))
        add("carrier", d.shipping.carrier)
        add("waybill", d.shipping.waybill)
        add("customs_reference", d.shipping.customsReference)
        add("packages", d.shipping.packages)
        add("package_count", d.shipping.packageCount.map(String.init))
        add("gross_weight", d.shipping.grossWeight.map(Weight.kilograms))
        add("shipped_on", StockWords.day(d.shipping.shippedOn))
        add("arrives_on", StockWords.day(d.shipping.arrivesOn))
        for (i, l) in d.lines.enumerated() {
            func line(_ name: String, _ value: String?) { add("lines.\(i).\(name)", value) }
            line("part_id", l.part.text)
            line("quantity", String(l.quantity))
            line("serial", l.serial)
            line("batch", l.batch)
            line("expires_on", StockWords.day(l.expiresOn))
            if StockAccess.seesValues(tx.actor) {
                line("unit_cost", l.unitCostMinor.map { Money.typed($0, currency) })
            } else {
                line("unit_cost_minor", l.unitCostMinor.map(String.init))
            }
            line("status", l.status.rawValue)
            line("to_status", l.toStatus.rawValue)
            line("owner_id", l.owner)
            line("direction", l.direction.rawValue)
            line("condition", l.condition)
            line("disposition", l.disposition?.rawValue)
            line("due_on", StockWords.day(l.dueOn))
            line("replacement_serial", l.replacementSerial)
            line("package", l.package)
            line("gross_weight", l.grossWeight.map(Weight.kilograms))
        }
        return out
    }
}
