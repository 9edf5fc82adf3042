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
            call.content = .form(try fields(of: shown, tx))
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
            <div class="panel"><div class="panel-body stack">\(f.place)\(f.toPlace)\(f.ticket)\(f.scan)\(f.successor)\(f.lines)</div>\
            <div class="panel-foot">\(f.buttons)</div></div>\
            <aside class="panel"><div class="panel-head"><h2>\(call.t("stock.more"))</h2></div><div class="panel-body stack">\(try f.more(tx))</div></aside></form>
            """)
    }

    /// What a link to a new document says of it: place, ticket, part.
    private static func fromQuery(_ call: Call, _ tx: Transaction) throws -> [(name: String, value: String)] {
        var out: [(name: String, value: String)] = []
        for name in ["kind", "place_id", "to_place_id", "ticket_id"] {
            if let value = call.queryValue(name), !value.isEmpty { out.append((name, value)) }
        }
        if let part = try call.queryValue("part").flatMap({ try tx.part($0) }) {
            out += [
                ("lines.0.part_id", part.id.text), ("lines.0.quantity", call.queryValue("quantity") ?? "1"),
            ]
            if let serial = call.queryValue("serial") { out.append(("lines.0.serial", serial)) }
        }
        return out
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
        }
        return out
    }
}
