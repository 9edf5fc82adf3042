import Base
import People
import Store
import Web

/// All documents, the newest first; what waits for the reader stands above.
enum StockDocumentsPage {
    struct Query: Command {
        var kind: StockDocument.Kind?
        var list: DocumentQuery
        init(_ read: inout FieldReader) {
            kind = read.optionalChoice("kind")
            list = DocumentQuery(&read)
        }
    }

    /// Posted, and not at an end yet.
    private enum Under: String, CaseIterable {
        case transit, lent

        /// On row `d`.
        var condition: SQL {
            switch self {
            case .transit:
                """
                d.state = 'posted' and d.kind in ('transfer', 'shipment') and d.reversal_of is null
                  and d.missing_reason is null
                """
            case .lent: "d.state = 'posted' and d.kind = 'loan' and d.reversal_of is null"
            }
        }
    }

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let under = call.queryValue("state").flatMap(Under.init)
        var plain = call
        if under != nil { plain.query.removeAll { $0.name == "state" } }
        let query = try plain.filter(Query.self)
        let found = try Inventory.documentPage(query.kind, query.list, only: under?.condition, call, tx)
        let isPlain =
            under == nil && query.kind == nil && query.list.state == nil && query.list.place == nil
            && query.list.ticket == nil && query.list.paging.cursor == nil
        let waiting = isPlain ? try StockWaiting(tx).documents : []
        // What waits stands above, once.
        let others = found.items.filter { d in !waiting.contains { $0.id == d.id } }
        var names = StockNames(call)
        try names.read(
            places: (found.items + waiting).flatMap { [$0.place] + [$0.toPlace].compactMap { $0 } }, tx)
        try names.read(owners: (found.items + waiting).compactMap { $0.partner?.text }, tx)
        let currency = StockAccess.seesValues(tx.actor) ? try Settings.currency(tx) : nil
        let table = Table(call: call, names: names, currency: currency)
        let kinds = StockDraftForm.kinds(tx.actor)
        let title = call.t("stock.documents")
        let list: HTML =
            found.items.isEmpty
            ? Parts.empty(
                call.t(isPlain ? "stock.documents.none" : "stock.none.filter"),
                call.t(isPlain ? "stock.documents.none.hint" : "stock.none.filter.hint"),
                isPlain ? "" : Parts.link("/stock/documents", call.t("stock.all")))
            : (others.isEmpty ? "" : table.html(others, title))
                + Parts.pager(call, next: found.nextCursor)
        return try Layout.page(
            call, tx, title: title, current: "/stock/documents",
            """
            \(Parts.head(title, lead: call.t("stock.documents.lead"), HTML.when(!kinds.isEmpty, Parts.link("/stock/documents/new", call.t("stock.documents.new"), .plus, primary: true))))\
            \(filters(call, try PlaceChoice(tx)))\
            \(waiting.isEmpty ? "" as HTML : """
                <section class="stack doc-waiting"><h2 class="sec">\(call.t("stock.waiting")) <span class="count">\(waiting.count)</span></h2>\(table.html(waiting, call.t("stock.waiting")))</section>\
                \(HTML.when(!others.isEmpty, "<h2 class=\"sec\">\(call.t("stock.documents.others"))</h2>"))
                """)\(list)
            """)
    }

    private static func filters(_ call: Call, _ places: PlaceChoice) -> HTML {
        let kinds = StockDocument.Kind.allCases.map { ($0.rawValue, StockWords.kind($0, call)) }
        let states = StockDocument.State.allCases.flatMap { state in
            let own = [(state.rawValue, call.t("stock.state.\(state.rawValue)"))]
            let under = Under.allCases.map { ($0.rawValue, call.t("stock.state.\($0.rawValue)")) }
            return state == .posted ? own + under : own
        }
        return """
            <form class="filters" method="get" action="/stock/documents" role="search">\
            \(Parts.filter(call, "kind", call.t("stock.f.kind"), kinds))\(Parts.filter(call, "state", call.t("stock.f.state"), states))\
            \(Parts.filter(call, "place", call.t("stock.f.place"), places.options(call)))\
            <label class="vh" for="f-ticket">\(call.t("stock.f.ticket_id"))</label>\
            <input class="input w-s sn" id="f-ticket" name="ticket" value="\(call.queryValue("ticket"))" placeholder="\(call.t("stock.f.ticket_id"))" autocomplete="off">\
            <button class="btn" type="submit">\(Icon.search)\(call.t("search"))</button></form>
            """
    }

    struct Table {
        let call: Call
        let names: StockNames
        let currency: String?

        func html(_ documents: [StockDocument], _ caption: String) -> HTML {
            let fields = ["number", "kind", "state", "places", "ticket_id", "lines"]
            return """
                <div class="table-wrap cards-wrap" tabindex="0" role="region" aria-label="\(caption)"><table class="table table-cards">\
                <caption class="vh">\(caption)</caption><thead><tr>\(fields.html { "<th scope=\"col\"\($0 == "lines" ? " class=\"n\"" : "" as HTML)>\(call.t("stock.f.\($0)"))</th>" })\
                \(HTML.when(currency != nil, "<th scope=\"col\" class=\"n\">\(call.t("stock.f.value"))</th>"))<th scope="col">\(call.t("stock.f.drawn"))</th></tr></thead>\
                <tbody>\(documents.html(row))</tbody></table></div>
                """
        }

        private func row(_ d: StockDocument) -> HTML {
            """
            <tr><td class="card-title"><a class="title" href="/stock/documents/\(d.number)"><span class="sn">\(d.number)</span></a>\(HTML.when(d.reversalOf != nil, "<br><span class=\"tiny muted\">\(call.t("stock.reversal"))</span>"))</td>\
            <td data-label="\(call.t("stock.f.kind"))">\(StockWords.kind(d.kind, call))</td><td data-label="\(call.t("stock.f.state"))">\(StockWords.state(d, call))</td>\
            <td class="wide" data-label="\(call.t("stock.f.places"))">\(way(d))</td>\
            <td data-label="\(call.t("stock.f.ticket_id"))">\(d.ticket.map { StockWords.ticket($0, call) } ?? "–" as HTML)</td>\
            <td class="n" data-label="\(call.t("stock.f.lines"))">\(d.lines.count)</td>\
            \(currency.map { c in "<td class=\"n\" data-label=\"\(call.t("stock.f.value"))\">\(d.valueMinor.map { Money.text($0, c) } ?? "–")</td>" } ?? "" as HTML)\
            <td data-label="\(call.t("stock.f.drawn"))">\(Times(call).short(d.createdAt))</td></tr>
            """
        }

        /// From where to where: what is received or comes back goes to the place.
        private func way(_ d: StockDocument) -> HTML {
            let place = names.place(d.place)
            guard let other = other(d) else { return "\(place)" }
            let comesIn = d.kind == .receipt || d.kind == .return
            // A reversal goes the other way.
            return comesIn == (d.reversalOf == nil) ? "\(other) → \(place)" : "\(place) → \(other)"
        }

        private func other(_ d: StockDocument) -> String? {
            d.toPlace.map(names.place) ?? d.partner.flatMap { names.organizations[$0] }
        }
    }
}
