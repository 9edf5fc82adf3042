import Base
import People
import Store
import Web

/// A page's form of one kind of item.
protocol LevelForm: Command {
    static var kind: LevelKind { get }
    /// Of a new item.
    var id: String? { get }
    /// The form wants to be shown again, with what was typed, and nothing kept.
    var isDraft: Bool { get }
    func draft(before: LevelItem?, _ call: Call) throws -> LevelDraft
    /// The fields of the form.
    static func fields(_ form: Form, _ call: Call, _ item: LevelItem?, _ tx: Transaction) throws -> HTML
    /// What the item says, to be read.
    static func shown(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> HTML
    /// One line of the overview: cells after the name.
    static func row(_ item: LevelItem, _ call: Call, _ tx: Transaction) throws -> [HTML]
    static func columns(_ call: Call) -> [String]
    /// Under the form.
    static func more(_ item: LevelItem, _ call: Call) -> HTML
}

extension LevelForm {
    var isDraft: Bool { false }
    static func more(_ item: LevelItem, _ call: Call) -> HTML { "" }
}

/// The overview, and one page for each item.
enum LevelsPages {
    static func overview(_ call: Call, _ tx: Transaction) throws -> Reply {
        try Layout.page(
            call, tx, title: call.t("levels.nav"), current: "/admin/levels",
            """
            \(LevelsParts.head(call.t("levels.nav"), lead: call.t("levels.lead"), crumbs: false, call, LevelsParts.link("/admin/levels/trial", call.t("levels.trial"), .clock)))\
            <div class="stack-l">\(try list(PolicyForm.self, call, tx))\(try list(CalendarForm.self, call, tx))\
            \(try list(HolidaySetForm.self, call, tx))\(try list(SchemeForm.self, call, tx))</div>
            """)
    }

    private static func list<F: LevelForm>(_: F.Type, _ call: Call, _ tx: Transaction) throws -> HTML {
        let kind = F.kind
        let items = try tx.levelItems(kind)
        let title = call.t("levels.kind.\(kind.rawValue)")
        let columns = [call.t("levels.name")] + F.columns(call) + [call.t("levels.f.version")]
        let rows = try items.html { item in
            let cells = try F.row(item, call, tx)
            return """
                <tr><td class="card-title"><a class="title" href="\(kind.path)/\(item.id)">\(LevelsParts.name(item, call))</a>\
                \(HTML.when(!item.isActive, " <span class=\"tag\">\(Icon.x)\(call.t("levels.ended"))</span>"))</td>\
                \(zip(columns.dropFirst(), cells).map { c in "<td data-label=\"\(c.0)\">\(c.1)</td>" as HTML })\
                <td data-label="\(columns.last)">\(item.version) <span class="muted small">\(Times(call).short(item.createdAt))</span></td></tr>
                """
        }
        let add = HTML.when(
            LevelsParts.mayWrite(call),
            LevelsParts.link("\(kind.path)/new", call.t("levels.new.\(kind.rawValue)"), .plus))
        let body: HTML =
            items.isEmpty
            ? "<section class=\"panel empty\"><h3>\(call.t("levels.none"))</h3><p>\(call.t("levels.kind.\(kind.rawValue).hint"))</p></section>"
            : LevelsParts.table(title, columns, rows)
        return """
            <section class="stack" id="\(kind.place)"><div class="row"><h2>\(title)</h2><span class="row row-end">\(add)</span></div>\
            <p class="muted small">\(call.t("levels.kind.\(kind.rawValue).hint"))</p>\(body)</section>
            """
    }

    static func new<F: LevelForm>(_: F.Type) -> @Sendable (Call, Transaction) throws -> Reply {
        { call, tx in
            let form = Form(call)
            let kind = F.kind
            let title = call.t("levels.new.\(kind.rawValue)")
            return try Layout.page(
                call, tx, title: title, current: "/admin/levels",
                """
                \(LevelsParts.head(title, lead: call.t("levels.kind.\(kind.rawValue).hint"), crumbs: true, call))\(form.summary)\
                \(form.open(kind.path))\(form.text("id", call.t("levels.id"), hint: call.t("levels.id.hint"), width: "w-m", required: true))\
                \(LevelsParts.names(form, call, nil))\(try F.fields(form, call, nil, tx))\
                <div class="row">\(form.submit(call.t("form.save")))<a class="btn" href="/admin/levels">\(call.t("form.cancel"))</a></div></form>
                """)
        }
    }

    static func one<F: LevelForm>(_: F.Type) -> @Sendable (Call, Transaction) throws -> Reply {
        { call, tx in
            let kind = F.kind
            let all = try tx.levelItems(kind, id: call.parameter("id"))
            guard let newest = all.first else { throw Failure.notFound() }
            let wanted = call.method == "GET" ? call.queryValue("version").flatMap { Int($0) } : nil
            guard let item = wanted.map({ v in all.first { $0.version == v } }) ?? newest else {
                throw Failure.notFound()
            }
            let isNewest = item.version == newest.version
            var body = LevelsParts.panel(
                call.t("levels.in_force", ["n": String(item.version)]), try F.shown(item, call, tx))
            if !isNewest {
                body =
                    """
                    <p class="banner banner-warn">\(Icon.info)<span>\(call.t("levels.old_version")) <a href="\(kind.path)/\(item.id)">\(call.t("levels.newest"))</a></span></p>
                    """ + body
            } else if LevelsParts.mayWrite(call) {
                let form = Form(call)
                body += LevelsParts.panel(
                    call.t("levels.next_version", ["n": String(item.version + 1)]),
                    """
                    \(form.open("\(kind.path)/\(item.id)"))\(LevelsParts.version(item))\(LevelsParts.names(form, call, item))\
                    \(try F.fields(form, call, item, tx))<div class="row">\(form.submit(call.t("levels.save")))</div></form>
                    """, id: "edit")
                body += F.more(item, call)
            }
            let name = LevelsParts.name(item, call)
            return try Layout.page(
                call, tx, title: name, current: "/admin/levels",
                """
                \(LevelsParts.head(name, lead: call.t("levels.kind.\(kind.rawValue).one", ["id": item.id]), crumbs: true, call))\(Form(call).summary)\
                <div class="split-wide"><div class="stack-l">\(body)</div><aside class="stack-l">\(try LevelsParts.versions(all, shown: item.version, call, tx))</aside></div>
                """)
        }
    }
}
