import Base
import Store
import Web

/// A named query of one's own: `POST /views`, `POST /views/{id}/removal`.
struct SavedView: Sendable {
    var id: String
    var name: String
    var query: String
}

/// The pages whose queries can be kept.
enum ViewPage: String, Sendable, CaseIterable {
    case work, tickets
    var path: String { "/" + rawValue }
}

struct NewView: Command {
    var page: ViewPage?
    var name: String
    var query: String

    init(_ read: inout FieldReader) {
        page = read.choice("page")
        name = read.text("name", max: 60)
        query = read.optionalText("query", max: 2000) ?? ""
    }
}

enum SavedViews {
    /// At most so many for each page of an account.
    static let most = 30

    static func all(_ page: ViewPage, _ tx: Transaction) throws -> [SavedView] {
        guard let me = tx.actor.id else { return [] }
        return try tx.rows(
            """
            select id, name, query from saved_view where account_id = \(me) and page = \(page) order by id
            limit \(most)
            """
        ) { SavedView(id: $0.text(), name: $0.text(), query: $0.text()) }
    }

    /// Keeps a query under a name; the same name takes the place of the earlier one.
    static func save(_ new: NewView, _ tx: Transaction) throws -> String {
        guard let me = tx.actor.id, let page = new.page else { throw Failure.notFound() }
        let query = try clean(new.query)
        try tx.run(
            "delete from saved_view where account_id = \(me) and page = \(page) and name = \(new.name)")
        guard try all(page, tx).count < most else {
            throw Failure.conflict("view.too_many", ["n": "\(most)"])
        }
        try tx.run(
            """
            insert into saved_view (id, account_id, page, name, query, created_at)
            values (\(ID<SavedView>.make(at: tx.now)), \(me), \(page), \(new.name), \(query), \(tx.now))
            """)
        return PageLink(page.path, try FormBody.parse(query).fields.map { ($0.name, $0.value) }).text
    }

    static func remove(_ id: String, _ tx: Transaction) throws -> ViewPage {
        guard let me = tx.actor.id,
            let page = try tx.first(
                "select page from saved_view where id = \(id) and account_id = \(me)",
                { $0.choice(ViewPage.tickets) })
        else { throw Failure.notFound() }
        try tx.run("delete from saved_view where id = \(id) and account_id = \(me)")
        return page
    }

    /// The query written anew, without the place in the list.
    private static func clean(_ query: String) throws -> String {
        let fields = try FormBody.parse(query).fields
            .filter { !["cursor", "done", "peek", "more"].contains($0.name) && !$0.value.isEmpty }
        return PageLink("", fields.map { ($0.name, $0.value) }).rawQuery
    }

    // MARK: Drawing

    /// Links of the kept views, the shown one with a button that forgets it, and the form that keeps
    /// what is shown now.
    static func links(_ call: Call, _ page: ViewPage, _ views: [SavedView]) -> HTML {
        let now = (try? clean(call.rawQuery)) ?? ""
        let isKept = views.contains { $0.query == now }
        let kept = views.html { view in
            let mark = HTML.when(view.query == now, " aria-current=\"page\"")
            return "<a href=\"\(page.path)?\(view.query)\"\(mark)>\(view.name)</a>"
        }
        guard !now.isEmpty else { return kept }
        if let shown = views.first(where: { $0.query == now }) {
            return kept
                + """
                <form class="row" method="post" action="/views/\(shown.id)/removal">\(Layout.token(call))\
                <button class="btn btn-quiet btn-s" type="submit">\(Icon.x)\(call.t("views.remove"))</button></form>
                """
        }
        return kept + HTML.when(!isKept, form(call, page, now))
    }

    private static func form(_ call: Call, _ page: ViewPage, _ query: String) -> HTML {
        """
        <details class="menu menu-start"><summary class="btn btn-quiet btn-s">\(Icon.plus)\(call.t("views.save"))</summary>\
        <div class="menu-list panel-body"><form class="stack" method="post" action="/views">\(Layout.token(call))\
        <input type="hidden" name="page" value="\(page.rawValue)"><input type="hidden" name="query" value="\(query)">\
        <div class="field"><label for="view-name">\(call.t("views.name"))</label>\
        <input class="input" id="view-name" name="name" maxlength="60" required autocomplete="off"></div>\
        <div><button class="btn btn-s" type="submit">\(call.t("form.save"))</button></div></form></div></details>
        """
    }
}
