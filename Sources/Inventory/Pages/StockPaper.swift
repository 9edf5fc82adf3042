import Base
import People
import Store
import Web

/// A document on A4 paper: a receipt, an issue, a transfer in three copies, a shipment with its packing
/// list, a return with its labels.
struct StockPaper {
    let d: StockDocument
    let call: Call
    let names: StockNames
    let currency: String?
    let houseCurrency: String
    let people: [AccountID: String]
    let house: String
    let consignee: StockConsignee?

    private func t(_ key: String) -> String { call.t("stock.paper.\(key)") }
    private func f(_ key: String) -> String { call.t("stock.f.\(key)") }

    static func page(_ call: Call, _ neighbours: InventoryNeighbours, _ tx: Transaction) throws -> Reply {
        let d = try Inventory.valued(Inventory.document(of: call, nil, tx), tx)
        var names = StockNames(call)
        try names.read(parts: d.lines.map(\.part), tx)
        try names.read(places: [d.place] + [d.toPlace].compactMap { $0 }, tx)
        try names.read(owners: [d.partner?.text ?? ""], tx)
        let currency = try Settings.currency(tx)
        let paper = StockPaper(
            d: d, call: call, names: names,
            currency: StockAccess.seesValues(tx.actor) ? currency : nil, houseCurrency: currency,
            people: try People.names(of: [d.createdBy, d.approvedBy, d.postedBy].compactMap { $0 }, tx),
            house: try call.chrome.houseName(call.language, tx),
            consignee: try Inventory.consignee(d, neighbours, tx))
        return try Layout.page(
            call, tx, title: paper.title + " " + d.number, frame: .sheet,
            """
            <header class="sheet-bar"><a class="btn" href="/stock/documents/\(d.number)">\(call.t("stock.back"))</a>\
            <button class="btn btn-primary" type="button" data-print hidden>\(Icon.print)\(call.t("stock.print"))</button>\
            <span class="muted small">\(paper.t("hint"))</span></header><main id="main">\(paper.sheets)</main>
            """)
    }

    private var title: String { t("title.\(d.kind.rawValue)") }

    private var sheets: HTML {
        switch d.kind {
        case .transfer:
            return ["copy.keeper", "copy.receiver", "copy.finance"].enumerated().html { i, copy in
                sheet(title, copy: t(copy), table(values: i == 2), isFirst: i == 0)
            }
        case .shipment:
            return sheet(title, copy: nil, table(values: true), isFirst: true)
                + sheet(t("packing"), copy: nil, packing, isFirst: false)
        case .return:
            return sheet(title, copy: nil, table(values: false), isFirst: true) + labels
        default: return sheet(title, copy: nil, table(values: true), isFirst: true)
        }
    }

    private func sheet(_ title: String, copy: String?, _ body: HTML, isFirst: Bool) -> HTML {
        let heading: HTML = isFirst ? "<h1>\(title)</h1>" : "<h2>\(title)</h2>"
        return """
            <section class="sheet stock-sheet"><div class="sheet-head"><small>\(f("number"))\(call.colon)<strong>\(d.number)</strong>\(copy.map { "<br>\($0)" } ?? "" as HTML)\
            \(d.reversalOf == nil ? "" as HTML : "<br>\(call.t("stock.reversal"))")</small>\
            \(heading)\(QRCode.svg(d.number, label: d.number))</div>\(head)\(body)\(signatures)\
            <div class="sheet-foot"><span>\(house)</span><span>\(t("printed"))\(call.colon)\(Times(call).fullText(call.now))</span></div></section>
            """
    }

    // MARK: Head

    private var head: HTML {
        var cells: [(String, String)] = [
            (f(d.toPlace == nil ? "place" : "from"), names.place(d.place)),
            (f("posted_on"), StockWords.day(d.postedOn) ?? ""),
        ]
        var wide: [(String, String)] = []
        if let to = d.toPlace {
            cells.append((f(d.kind == .shipment ? "consignee" : "to_place_id"), names.place(to)))
        }
        if let consignee {
            let isSent = d.kind == .shipment && d.toPlace == nil
            for (i, line) in consignee.lines.enumerated() {
                wide.append((f(i == 0 ? isSent ? "consignee" : "customer" : "contact"), line))
            }
        } else if let partner = d.partner.flatMap({ names.organizations[$0] }) {
            cells.append((f(d.kind == .receipt ? "supplier_id" : "customer"), partner))
        }
        if d.ticket != nil || [.issue, .return, .shipment, .loan].contains(d.kind) {
            cells.append((f("ticket_id"), d.ticket?.number ?? ""))
        }
        if let source = d.source { cells.append((f("source"), call.t("stock.source.\(source.rawValue)"))) }
        if d.kind == .loan { cells.append((f("due_on"), StockWords.day(d.dueOn) ?? "")) }
        if d.goesThroughTransit {
            cells.append((f("carrier"), d.shipping.carrier ?? ""))
            cells.append((f("waybill"), d.shipping.waybill ?? ""))
            cells.append((f("shipped_on"), StockWords.day(d.shipping.shippedOn ?? d.postedOn) ?? ""))
            cells.append((f("arrives_on"), StockWords.day(d.shipping.arrivesOn) ?? ""))
        }
        if d.kind == .shipment { cells.append((f("customs_reference"), d.shipping.customsReference ?? "")) }
        cells.append((call.t("form.reason"), d.reason ?? ""))
        if cells.count % 2 == 1 { cells.append(("", "")) }
        let rows = stride(from: 0, to: cells.count - 1, by: 2).map { i -> HTML in
            "<tr>\([cells[i], cells[i + 1]].html { Self.fact($0.0, $0.1) })</tr>"
        }
        let whole = wide.html { "<tr><th scope=\"row\">\($0.0)</th><td colspan=\"3\">\($0.1)</td></tr>" }
        return """
            <table class="form2 stock-head"><caption class="vh">\(t("head"))</caption><tbody>\(rows)\(whole)</tbody></table>
            """
    }

    /// A name and its value; the last row of an odd number has an empty place.
    private static func fact(_ name: String, _ value: String) -> HTML {
        name.isEmpty
            ? "<td colspan=\"2\"></td>" : "<th scope=\"row\">\(name)</th><td>\(value)</td>"
    }

    // MARK: Lines

    private func table(values: Bool) -> HTML {
        let showsValues = values && currency != nil && d.kind != .statusChange
        var columns = ["no", "part_number", "name", "batch_serial", "unit", "quantity"]
        if d.kind == .return { columns += ["rma", "condition"] }
        if showsValues { columns += ["unit_price", "amount"] }
        columns.append("remark")
        let rows = d.lines.html { line in
            "<tr>\(columns.html { "<td class=\"c-\($0)\">\(cell($0, line))</td>" })</tr>"
        }
        let total = showsValues ? d.valueMinor ?? sum : nil
        return """
            <table class="form2 stock-lines"><caption class="vh">\(call.t("stock.lines"))</caption><thead><tr>\(columns.html { "<th scope=\"col\" class=\"c-\($0)\">\(t("c." + $0))</th>" })</tr></thead>\
            <tbody>\(rows)\(blank(columns.count))</tbody>\(total.map { foot($0, columns.count) } ?? "" as HTML)</table>
            """
    }

    /// Lines to write on by hand, so that a short form still looks like one.
    private func blank(_ columns: Int) -> HTML {
        (0..<max(0, 5 - d.lines.count)).html { _ in
            "<tr>\((0..<columns).html { _ in "<td>\u{00A0}</td>" })</tr>"
        }
    }

    private var sum: Int64? {
        let all = d.lines.map(amount)
        return all.contains { $0 == nil } ? nil : all.reduce(0) { $0 &+ ($1 ?? 0) }
    }

    private func amount(_ line: StockLine) -> Int64? {
        if let value = line.valueMinor { return value }
        guard let cost = line.unitCostMinor else { return nil }
        let product = cost.multipliedReportingOverflow(by: line.quantity)
        return product.overflow ? nil : product.partialValue
    }

    private func cell(_ column: String, _ line: StockLine) -> HTML {
        let part = names.parts[line.part]
        switch column {
        case "no": return "\(line.number)"
        case "part_number": return "<span class=\"sn\">\(part?.number)</span>"
        case "name": return "\(names.part(line.part))"
        case "batch_serial":
            return
                "<span class=\"sn\">\([line.batch, line.serial].filter { !$0.isEmpty }.joined(separator: " / "))</span>"
        case "package": return "\(line.package)"
        case "weight": return "\(line.grossWeight.map(Weight.kilograms))"
        case "unit": return "\(part.map { StockWords.unit($0, call) })"
        case "quantity": return "\(StockWords.quantity(line.quantity))"
        case "rma": return "<span class=\"sn\">\(line.rma)</span>"
        case "condition":
            return
                "\([call.t("stock.status.\(line.status.rawValue)"), line.condition ?? ""].filter { !$0.isEmpty }.joined(separator: call.comma))"
        case "unit_price":
            guard let amount = amount(line), line.quantity > 0 else { return "" }
            return "\(Money.text(line.unitCostMinor ?? amount / line.quantity, ""))"
        case "amount": return "\(amount(line).map { Money.text($0, "") })"
        case "remark":
            if d.kind == .statusChange {
                return
                    "\(call.t("stock.status.\(line.status.rawValue)")) → \(call.t("stock.status.\(line.toStatus.rawValue)"))"
            }
            if d.kind == .adjustment || d.kind == .countDifference {
                return "\(call.t("stock.direction.\(line.direction.rawValue)"))"
            }
            if d.kind == .return {
                return "\(line.replacementSerial.map { call.t("stock.replaced_by", ["serial": $0]) })"
            }
            return "\(StockWords.day(line.expiresOn).map { call.t("stock.expires_on", ["day": $0]) })"
        default: return ""
        }
    }

    private func foot(_ total: Int64, _ columns: Int) -> HTML {
        let capitals =
            houseCurrency == "CNY" && call.language != .english
            ? ChineseAmount.capitals(minor: total, traditional: call.language == .traditionalChinese) : nil
        return """
            <tfoot><tr><th scope="row" colspan="2">\(t("total"))</th><td colspan="\(columns - 2)">\(Money.text(total, houseCurrency))\
            \(capitals.map { "\u{2003}<span lang=\"zh\">\(t("capitals"))\(call.colon)\($0)</span>" } ?? "" as HTML)</td></tr></tfoot>
            """
    }

    /// What the crates hold, for whoever opens them: no amounts. What was not said is left to be written.
    private var packing: HTML {
        let columns = ["no", "part_number", "name", "batch_serial", "unit", "quantity", "package", "weight"]
        let rows = d.lines.html { line in
            "<tr>\(columns.html { "<td class=\"c-\($0)\">\(cell($0, line))</td>" })</tr>"
        }
        let totals = [
            (f("package_count"), d.shipping.packageCount.map(StockWords.quantity) ?? ""),
            (f("gross_weight"), d.grossWeight.map(Weight.kilograms) ?? ""),
        ]
        return """
            <table class="form2 stock-lines"><caption class="vh">\(t("packing"))</caption><thead><tr>\(columns.html { "<th scope=\"col\" class=\"c-\($0)\">\(t("c." + $0))</th>" })</tr></thead>\
            <tbody>\(rows)\(blank(columns.count))</tbody></table>\
            <table class="form2 stock-head"><caption class="vh">\(f("packages"))</caption><tbody><tr>\(totals.html { Self.fact($0.0, $0.1) })</tr>\
            <tr class="tall"><th scope="row">\(f("packages"))</th><td colspan="3">\(HTML.prose(d.shipping.packages ?? ""))</td></tr></tbody></table>
            """
    }

    // MARK: Signatures

    private var signatures: HTML {
        let roles: [(String, String?)] =
            switch d.kind {
            case .receipt:
                [
                    ("maker", name(d.createdBy)), ("checker", name(d.approvedBy)), ("deliverer", nil),
                    ("keeper", name(d.postedBy)),
                ]
            case .issue, .loan:
                [
                    ("maker", name(d.createdBy)), ("checker", name(d.approvedBy)),
                    ("keeper", name(d.postedBy)), ("taker", nil),
                ]
            case .transfer, .shipment:
                [
                    ("maker", name(d.createdBy)), ("checker", name(d.approvedBy)),
                    ("sender", name(d.postedBy)), ("receiver", nil),
                ]
            default:
                [
                    ("maker", name(d.createdBy)), ("checker", name(d.approvedBy)),
                    ("keeper", name(d.postedBy)), ("inspector", nil),
                ]
            }
        let needsSeals = d.kind == .shipment || d.kind == .transfer
        return """
            <div class="stock-signs">\(roles.html { key, name in
                "<div class=\"sign\"><span>\(t("sign." + key))\(call.colon)\(name)</span></div>"
            })</div>\(HTML.when(needsSeals, """
                <div class="seals"><div><span class="seal">\(t("seal.sender"))</span></div><div><span class="seal">\(t("seal.receiver"))</span></div></div>
                """))
            """
    }

    private func name(_ id: AccountID?) -> String? { id.flatMap { people[$0] } }

    /// One label for each returned part, to be tied to it.
    private var labels: HTML {
        """
        <section class="sheet"><h2>\(t("labels"))</h2><div class="stock-labels">\(d.lines.html { line in
            """
            <div class="stock-label">\(QRCode.svg(line.rma ?? d.number, label: line.rma ?? d.number))<div><strong class="sn">\(line.rma ?? d.number)</strong>\
            <span>\(names.part(line.part)) <span class="sn">\(names.parts[line.part]?.number)</span></span>\
            <span class="sn">\([line.batch, line.serial].filter { !$0.isEmpty }.joined(separator: " / "))</span>\
            <small>\(call.t("stock.status.\(line.status.rawValue)"))\(d.ticket.map { " · " + $0.number })</small></div></div>
            """
        })</div></section>
        """
    }
}
