import Base
import Store
import Web

/// The stock list, and beside it the panel in which what is scanned is posted.
enum StockPage {
    /// What the panel posts; anything else has a page of its own.
    private static let scanned: [StockDocument.Kind] = [.issue, .receipt, .transfer, .return]

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        // A refused form comes without the list's query.
        let query = call.method == "GET" ? try call.filter(StockListQuery.self) : StockListQuery.all
        let panel = try panel(call, tx)
        // Links of the list lead to the list, also from the answer to a form.
        var own = call
        own.path = "/stock"
        let list = try query.view == .below ? below(query, own, tx) : stock(query, own, tx)
        let kinds = StockDraftForm.kinds(tx.actor)
        let actions: HTML =
            exports(call)
            + HTML.when(
                !kinds.isEmpty, Parts.link("/stock/documents/new", call.t("stock.documents.new"), .plus))
        let found: HTML = "\(views(query.view, call))\(filters(query, call, try PlaceChoice(tx)))\(list)"
        // The panel comes first: on a phone it stands above the list, at a desk beside it.
        let body: HTML =
            panel.isEmpty
            ? found : "<div class=\"split-wide split-scan\">\(panel)<div>\(found)</div></div>"
        return try Layout.page(
            call, tx, title: call.t("stock.title"), current: "/stock", scripts: ["scan.js"],
            """
            \(Parts.head(call.t("stock.title"), lead: call.t("stock.lead"), actions))\(body)
            """)
    }

    // MARK: List

    private static func views(_ now: StockListQuery.View, _ call: Call) -> HTML {
        """
        <nav class="views" aria-label="\(call.t("views"))">\(StockListQuery.View.allCases.html { view in
            """
            <a href="/stock\(view == .all ? "" : "?view=\(view.rawValue)")"\(HTML.when(view == now, " aria-current=\"page\""))>\(call.t("stock.view.\(view.rawValue)"))</a>
            """
        })</nav>
        """
    }

    private static func filters(_ query: StockListQuery, _ call: Call, _ places: PlaceChoice) -> HTML {
        """
        <form class="filters" method="get" action="/stock" role="search">\
        \(query.view == .all ? "" as HTML : "<input type=\"hidden\" name=\"view\" value=\"\(query.view.rawValue)\">")\
        \(HTML.when(query.view != .below, """
                <div class="field scan-find"><label class="vh" for="f-q">\(call.t("stock.search"))</label>\
                <input class="input" id="f-q" name="q" type="search" value="\(query.q)" placeholder="\(call.t("stock.search"))" autocomplete="off" data-scan>\
                <button class="btn btn-icon" type="button" data-camera hidden aria-label="\(call.t("stock.scan.camera"))">\(Icon.scan)</button>\
                <video class="scan-view" data-camera-view hidden muted playsinline></video></div>
                """))\
        \(Parts.filter(call, "place", call.t("stock.f.place"), places.options(call)))\
        \(HTML.when(query.view != .below, Parts.filter(call, "status", call.t("stock.f.status"), StockWords.statuses(call))))\
        <button class="btn" type="submit">\(Icon.search)\(call.t("search"))</button></form>
        """
    }

    /// What is shown, as a file.
    private static func exports(_ call: Call) -> HTML {
        let narrowed = call.query.filter {
            !["cursor", "done", "limit"].contains($0.name) && !$0.value.isEmpty
        }
        let kept = FormBody(narrowed.map { .init($0.name, $0.value) }).encoded
        let tail = kept.isEmpty ? "" : "?" + kept
        return ["csv", "xlsx"].html { format in
            """
            <a class="btn btn-quiet" href="/stock/export.\(format)\(tail)" download aria-label="\(call.t("stock.export", ["format": format.uppercased()]))">\(Icon.download)\(format.uppercased())</a>
            """
        }
    }

    private static func stock(_ query: StockListQuery, _ call: Call, _ tx: Transaction) throws -> HTML {
        let found = try Inventory.stockPage(query, call, tx)
        if found.items.isEmpty {
            let key = query.isNarrowed ? "stock.none.filter" : "stock.none"
            return Parts.empty(
                call.t(key), call.t(key + ".hint"),
                query.isNarrowed ? Parts.link("/stock", call.t("stock.all")) : "")
        }
        return try StockTable(found.items, call, tx).html + Parts.pager(call, next: found.nextCursor)
    }

    private static func below(_ query: StockListQuery, _ call: Call, _ tx: Transaction) throws -> HTML {
        let found = try Inventory.proposalPage(query.place, query.paging, call, tx)
        if found.items.isEmpty {
            return Parts.empty(call.t("stock.below.none"), call.t("stock.below.none.hint"))
        }
        var names = StockNames(call)
        for p in found.items { names.parts[p.part.id] = p.part }
        try names.read(places: found.items.map(\.place), tx)
        let fields = ["available", "incoming", "minimum", "target", "order"]
        let rows = found.items.html { p in
            let numbers = [p.available, p.incoming, p.minimum, p.target, p.quantity]
            return """
                <tr><td class="card-title">\(names.partCell(p.part.id))</td><td data-label="\(call.t("stock.f.place"))">\(names.placeCell(p.place))</td>\
                \(zip(fields, numbers).html { field, n in
                    let strong = field == "available" || field == "order"
                    let shown: HTML = strong ? "<strong\(field == "available" ? " class=\"bad\"" : "" as HTML)>\(StockWords.quantity(n))</strong>" : "\(StockWords.quantity(n))"
                    return "<td class=\"n\" data-label=\"\(call.t("stock.f.\(field)"))\">\(shown)</td>"
                })</tr>
                """
        }
        return """
            <div class="table-wrap cards-wrap" tabindex="0" role="region" aria-label="\(call.t("stock.view.below"))"><table class="table table-cards">\
            <caption class="vh">\(call.t("stock.view.below"))</caption><thead><tr><th scope="col">\(call.t("stock.f.part"))</th><th scope="col">\(call.t("stock.f.place"))</th>\
            \(fields.html { "<th scope=\"col\" class=\"n\">\(call.t("stock.f.\($0)"))</th>" })</tr></thead><tbody>\(rows)</tbody></table></div>\
            \(Parts.pager(call, next: found.nextCursor))
            """
    }

    // MARK: Scan and post

    private static func panel(_ given: Call, _ tx: Transaction) throws -> HTML {
        let allowed = StockDraftForm.kinds(tx.actor)
        let kinds = scanned.filter(allowed.contains)
        guard let first = kinds.first else { return "" }
        let call = try StockDraftForm.shown(given, tx)
        let kind = kinds.first { $0.rawValue == call.typed("kind") ?? call.queryValue("kind") } ?? first
        let fields = try StockDraftFields(call, kind, isShort: true, tx)
        return """
            <form class="panel scan-panel" method="post" action="/stock/scan" aria-labelledby="scan-t" data-nowarn id="scan">\(Layout.token(call))\
            <div class="panel-head"><h2 id="scan-t">\(call.t("stock.scan.title"))</h2></div><div class="panel-body stack">\
            \(fields.form.summary)\
            <fieldset class="segments seg-fill"><legend class="vh">\(call.t("stock.f.kind"))</legend>\(kinds.html { k in
                "<label><input type=\"radio\" name=\"kind\" value=\"\(k.rawValue)\"\(HTML.when(k == kind, " checked")) data-resend><span>\(StockWords.kind(k, call))</span></label>"
            })</fieldset>\(fields.place)\(fields.toPlace)\(fields.ticket)\(fields.scan)\(fields.successor)\(fields.lines)</div>\
            <div class="panel-foot">\(fields.buttons)</div></form>
            """
    }
}

extension StockListQuery {
    static let all = StockListQuery()
}

extension StockDraftForm {
    /// The form as it stands after what was pressed: where it was refused, as it was typed.
    static func shown(_ call: Call, _ tx: Transaction) throws -> Call {
        guard call.method == "POST", call.failure != nil else { return call }
        return try Filled(call, tx).call
    }
}
