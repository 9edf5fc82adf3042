import Base
import InstalledBase
import Inventory
import People
import Store
import Web

// The parts of a ticket on its page.
extension TicketPage {
    func loadParts(_ tx: Transaction) throws {
        guard ticket.state != .draft else { return }
        parts = try Inventory.parts(of: ticket.id, released: !seesInternal, tx)
        usesParts = TicketParts.mayUse(ticket, tx.actor) && TicketParts.states.contains(ticket.state)
        if isUsingParts {
            partPlaces = try Inventory.sources(tx)
            // A name instead of a number finds what it may mean.
            let wanted = call.typed("part_id") ?? call.queryValue("part_id") ?? call.queryValue("find") ?? ""
            partsFound = try Inventory.find(
                call.queryValue("find") ?? wanted, fitting: try product(tx), tx)
        }
        if parts.contains(where: { $0.costMinor != nil }) { currency = try Settings.currency(tx) }
    }

    /// The model that the ticket is about, as far as the reader sees its unit.
    func product(_ tx: Transaction) throws -> ProductID? {
        try ticket.productUnit.flatMap { try InstalledBase.seen($0, tx)?.product }
    }

    /// Whether the form is open: the address asks for it, or it was refused.
    var isUsingParts: Bool {
        guard usesParts else { return false }
        return call.method == "POST" ? call.path.hasSuffix("/parts") : call.queryValue("do") == "parts"
    }

    /// What went out or came back, for the timeline, the newest first; not what its history says already.
    var partsMoved: [TicketPart] {
        let said = Set(
            history.filter { $0.kind == "ticket.part_used" && $0.data["state"]?.string == "posted" }
                .compactMap { $0.data["number"]?.string })
        return parts.filter { $0.kind != nil && $0.stage != .asked && !said.contains($0.number) }
            .sorted { $0.at > $1.at }
    }

    // MARK: Beside the conversation

    var partFacts: HTML {
        var h: HTML = parts.isEmpty ? "" : "<ul class=\"todo\">\(parts.html(partLine))</ul>"
        let costs = parts.filter(\.isSpent).compactMap(\.costMinor)
        let sum = costs.reduce(Int64(0)) { $0 &+ $1 }
        let cost: HTML =
            costs.isEmpty
            ? ""
            : "<span class=\"small muted\">\(t("parts.cost", ["cost": Money.text(sum, currency)]))</span>"
        if usesParts {
            h += """
                <p class="row"><a class="btn btn-s" href="\(path)?do=parts#do">\(Icon.plus)\(t("parts.use"))</a></p>
                """
        }
        return section(.box, t("parts"), more: cost, h)
    }

    private func partLine(_ part: TicketPart) -> HTML {
        let there = part.stage == .underWay || part.stage == .arrived ? part.toPlaceName : part.placeName
        let numbers = [part.partNumber, part.serial ?? part.batch, isPortal ? nil : part.rma].compactMap {
            $0
        }
        let opens = actor.map(InventoryPages.opens) ?? false
        let home = part.kind == nil ? "reservations" : "documents"
        let document: HTML =
            isPortal
            ? ""
            : opens
                ? " · <a href=\"/stock/\(home)/\(part.number)\">\(part.number)</a>" : " · \(part.number)"
        let about = [
            there, part.condition,
            part.isSpent ? part.costMinor.map { Money.text($0, currency) } : nil,
        ].compactMap { $0 }
        var replaced = HTML()
        if part.kind == .return, let by = part.replacementSerial {
            replaced = "<small>\(t("parts.replaced", ["serial": part.serial ?? "–", "by": by]))</small>"
        }
        return """
            <li>\(Self.icon(part))<span>\(part.name) × \(String(part.quantity))</span>\
            <span class="small \(part.stage == .asked ? "warn" : "muted")">\(t("parts.stage." + part.stage.rawValue))</span>\
            <small class="sn">\(numbers.joined(separator: " · "))\(document)</small>\
            \(about.isEmpty ? HTML() : "<small>\(about.joined(separator: " · "))</small>")\(replaced)\(releaseForm(part))</li>
            """
    }

    static func icon(_ part: TicketPart) -> Icon {
        switch part.stage {
        case .reserved: .lock
        case .asked: .clock
        case .underWay, .arrived: .truck
        case .returned: .swap
        case .issued, .lent: .box
        }
    }

    private func releaseForm(_ part: TicketPart) -> HTML {
        guard part.kind == nil, usesParts || actor?.has(.serviceManager) == true else {
            return ""
        }
        return """
            <form class="task-end" method="post" action="\(path)/parts/\(part.id)/release">\(Layout.token(call))\
            <button class="btn btn-s" type="submit">\(t("parts.release"))</button></form>
            """
    }

    // MARK: The form

    /// Scan or type, quantity, Enter.
    var partsPanel: HTML {
        let form = Form(call)
        return """
            <section class="panel" id="do" aria-labelledby="do-title"><div class="panel-head"><h2 class="row" id="do-title">\(Icon.box) \(t("parts.use"))</h2>\
            <a class="btn btn-quiet btn-icon row-end" href="\(path)" aria-label="\(t("close"))">\(Icon.x)</a></div>\
            <div class="panel-body stack part-finder">\(finder)</div>\
            \(form.open(path + "/parts", class: "step-form"))<div class="panel-body stack-l">\(form.summary)\
            \(ScanField.html(call, "part_id", t("parts.part"), value: call.queryValue("part_id"), placeholder: t("parts.part.hint"), required: true, below: successor))\
            <div class="two">\(quantityField)\(form.text("serial", t("parts.serial"), isSerial: true))</div>\
            \(form.select("place_id", t("parts.place"), partPlaces.map { ($0.id.text, $0.name) }, value: call.queryValue("place_id"), empty: t("parts.place.nearest")))\
            \(form.radios("mode", t("parts.mode"), PartUseMode.allCases.reversed().map { ($0.rawValue, t("parts.mode." + $0.rawValue), t("parts.mode.hint." + $0.rawValue)) }, value: PartUseMode.issue.rawValue))\
            </div><div class="panel-foot"><button class="btn btn-primary" type="submit">\(t("parts.do"))</button>\
            <a class="btn" href="\(path)">\(call.t("form.cancel"))</a></div></form></section>
            """
    }

    /// Looks for a part by number or name and says where how much of it is; taking one fills the form.
    private var finder: HTML {
        let typed = call.queryValue("find") ?? (call.fault("part_id") == nil ? nil : call.typed("part_id"))
        return """
            <form class="scan" method="get" action="\(path)#do" role="search"><input type="hidden" name="do" value="parts">\
            <label class="vh" for="f-find">\(t("parts.find"))</label>\
            <input class="input" id="f-find" name="find" type="search" value="\(typed)" placeholder="\(t("parts.find"))" autocomplete="off" data-part-find>\
            <button class="btn" type="submit">\(Icon.search)\(call.t("search"))</button></form>\
            <div id="part-found" aria-live="polite">\(found(typed))</div>
            """
    }

    private func found(_ typed: String?) -> HTML {
        if partsFound.isEmpty {
            guard let typed, !typed.isEmpty else { return "" }
            return "<p class=\"small muted\">\(t("parts.find.none", ["text": typed]))</p>"
        }
        return """
            <ul class="lines">\(partsFound.html { part in
                """
                <li><span><strong>\(part.name)</strong> <span class="sn muted">\(part.number)</span></span>\
                <span class="num">\(part.available == 0 ? "<span class=\"muted small\">\(t("parts.find.nothing"))</span>" as HTML : "")</span>\
                <span class="row line-fields">\(part.places.html { place in take(part, place) })\(HTML.when(part.places.isEmpty, take(part, nil)))</span></li>
                """
            })</ul>
            """
    }

    private func take(_ part: FoundPart, _ place: FoundPart.Place?) -> HTML {
        var fields = [FormBody.Field("do", "parts"), .init("part_id", part.number)]
        if let place { fields.append(.init("place_id", place.id.text)) }
        let shown: HTML =
            place.map { "\($0.name) <strong class=\"num\">\(String($0.available))</strong>" }
            ?? "\(t("parts.find.take"))"
        return """
            <a class="chip" href="\(path)?\(FormBody(fields).encoded)#do" data-part="\(part.number)" data-place="\(place?.id.text)">\(shown)</a>
            """
    }

    /// Where the part is out and another supersedes it: the form with that one in it.
    private var successor: HTML {
        guard let fault = call.failure?.fields.first(where: { $0.code == "stock.superseded" }),
            let number = fault.arguments["number"]
        else { return "" }
        let query = FormBody([
            .init("do", "parts"), .init("part_id", number), .init("quantity", call.typed("quantity") ?? "1"),
        ])
        return """
            <p class="row"><a class="btn btn-s" href="\(path)?\(query.encoded)#do">\(Icon.swap)\(call.t("stock.successor.take", ["part": number]))</a></p>
            """
    }

    private var quantityField: HTML {
        let fault = call.fault("quantity")
        return """
            <div class="field w-s\(fault == nil ? "" : " field-error")"><label for="f-quantity">\(t("parts.quantity"))</label>\
            \(fault.map { "<p class=\"error\" id=\"e-quantity\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            <input class="input" id="f-quantity" name="quantity" value="\(call.typed("quantity") ?? call.queryValue("quantity") ?? "1")" inputmode="numeric" autocomplete="off" required data-scan-next></div>
            """
    }

    /// With a decision: what is sent, where something is.
    func shipmentFields(_ form: Form) -> HTML {
        guard !choices.places.isEmpty else { return "" }
        let parts = """
            <datalist id="parts-known">\(choices.parts.html { part in
                "<option value=\"\(part.number)\">\(part.name) · \(String(part.available))</option>"
            })</datalist>
            """ as HTML
        let places = choices.places.map { ($0.id, $0.name) }
        let isOpen = call.typed("shipment.place_id")?.isEmpty == false || call.fault("shipment") != nil
        return """
            <details class="fold" id="f-shipment"\(HTML.when(isOpen, " open"))><summary>\(Icon.right)\(t("shipment"))</summary><div class="stack">\
            <p class="muted small">\(t("shipment.hint"))</p>\(call.fault("shipment").map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            <div class="two">\(form.select("shipment.place_id", t("shipment.place"), places, empty: "–"))\
            \(form.select("shipment.to_place_id", t("shipment.to_place"), places, empty: t("shipment.customer")))</div>\
            \((0..<3).html { shipmentLine($0, form) })\(form.text("shipment.carrier", t("shipment.carrier")))\(parts)</div></details>
            """
    }

    private func shipmentLine(_ i: Int, _ form: Form) -> HTML {
        let start = "shipment.lines.\(i)."
        return """
            <div class="part-line">\(form.text(start + "part_id", t("shipment.part", ["n": String(i + 1)]), isSerial: true, optional: false, mark: "list=parts-known"))\
            \(form.text(start + "quantity", t("shipment.quantity"), width: "w-s", optional: false, inputMode: "numeric"))\
            \(form.text(start + "serial", t("shipment.serial"), isSerial: true, optional: false))</div>
            """
    }
}
