import Base
import Store

/// Parts that the pages of all areas share.
public enum Parts {
    public static func head(
        _ title: String, lead: String? = nil, crumbs: [(String, String)] = [], _ actions: HTML = ""
    )
        -> HTML
    {
        let trail: HTML =
            crumbs.isEmpty
            ? ""
            : "<ol class=\"crumbs\">\(crumbs.html { path, name in "<li><a href=\"\(path)\">\(name)</a></li>" })</ol>"
        return """
            <div class="head"><div>\(trail)<h1>\(title)</h1>\
            \(lead.map { "<p class=\"lead\">\($0)</p>" } ?? "" as HTML)</div>\
            \(actions.isEmpty ? "" as HTML : "<div class=\"row\">\(actions)</div>")</div>
            """
    }

    public static func link(_ path: String, _ name: String, _ icon: Icon? = nil, primary: Bool = false)
        -> HTML
    {
        "<a class=\"btn\(primary ? " btn-primary" : "")\" href=\"\(path)\">\(icon.map(\.html))\(name)</a>"
    }

    public static func panel(_ title: String, _ body: HTML, id: String = "", _ actions: HTML = "") -> HTML {
        """
        <section class="panel"\(id.isEmpty ? "" as HTML : " id=\"\(id)\"")><div class="panel-head"><h2>\(title)</h2>\
        \(actions.isEmpty ? "" as HTML : "<span class=\"row row-end\">\(actions)</span>")</div><div class="panel-body stack">\(body)</div></section>
        """
    }

    public static func facts(_ pairs: [(String, HTML)]) -> HTML {
        "<dl class=\"facts\">\(pairs.html { name, value in "<dt>\(name)</dt><dd>\(value)</dd>" })</dl>"
    }

    public static func state(_ isActive: Bool, _ call: Call) -> HTML {
        isActive
            ? "<span class=\"tag tag-ok\">\(Icon.check)\(call.t("people.active"))</span>"
            : "<span class=\"tag\">\(Icon.x)\(call.t("people.inactive"))</span>"
    }

    public static func role(_ role: Role, _ call: Call) -> String { call.t("role.\(role.rawValue)") }

    /// A list that has a next page keeps what it is narrowed by.
    public static func pager(_ call: Call, next: String?) -> HTML {
        guard next != nil || call.queryValue("cursor") != nil else { return "" }
        var kept = call.query.filter { $0.name != "cursor" && $0.name != "done" && !$0.value.isEmpty }
        let first = call.path + (kept.isEmpty ? "" : "?" + encoded(kept))
        if let next { kept.append(("cursor", next)) }
        return """
            <nav class="pager" aria-label="\(call.t("list.next"))">\
            \(call.queryValue("cursor") == nil ? "" as HTML : "<a class=\"btn btn-s\" href=\"\(first)\">\(call.t("list.first"))</a>")\
            \(next == nil ? "" as HTML : "<a class=\"btn btn-s row-end\" href=\"\(call.path)?\(encoded(kept))\">\(call.t("list.next"))\(Icon.right)</a>")</nav>
            """
    }

    private static func encoded(_ pairs: [(name: String, value: String)]) -> String {
        FormBody(pairs.map { .init($0.name, $0.value) }).encoded
    }

    public static func searchBox(_ call: Call, _ label: String, _ more: HTML = "") -> HTML {
        """
        <form class="filters" method="get" action="\(call.path)" role="search"><label class="vh" for="f-q">\(label)</label>\
        <input class="input w-m" id="f-q" name="q" type="search" value="\(call.queryValue("q"))" placeholder="\(label)" autocomplete="off">\
        \(more)<button class="btn" type="submit">\(Icon.search)\(call.t("search"))</button></form>
        """
    }

    /// A choice inside a row of filters.
    public static func filter(_ call: Call, _ name: String, _ label: String, _ options: [(String, String)])
        -> HTML
    {
        """
        <label class="vh" for="f-\(name)">\(label)</label><select class="select w-s" id="f-\(name)" name="\(name)">\
        <option value="">\(label)</option>\(options.html { v, shown in
            "<option value=\"\(v)\"\(HTML.when(v == call.queryValue(name), " selected"))>\(shown)</option>"
        })</select>
        """
    }

    /// - Parameter numbers: columns of figures, aligned at their end
    public static func table(
        _ caption: String, _ columns: [String], numbers: Set<Int> = [], _ rows: HTML
    ) -> HTML {
        """
        <div class="table-wrap cards-wrap" tabindex="0" role="region" aria-label="\(caption)"><table class="table table-cards">\
        <caption class="vh">\(caption)</caption><thead><tr>\(columns.enumerated().html { i, name in name.isEmpty ? "<td></td>" : "<th scope=\"col\"\(HTML.when(numbers.contains(i), " class=\"n\""))>\(name)</th>" })</tr></thead>\
        <tbody>\(rows)</tbody></table></div>
        """
    }

    public static func empty(_ title: String, _ hint: String, _ action: HTML = "") -> HTML {
        """
        <section class="panel empty"><h2>\(title)</h2><p>\(hint)</p>\(action.isEmpty ? "" as HTML : "<div class=\"row\">\(action)</div>")</section>
        """
    }

    public static func version(_ n: Int64) -> HTML {
        "<input type=\"hidden\" name=\"version\" value=\"\(n)\">"
    }

    /// A form of one button.
    public static func button(
        _ call: Call, _ action: String, _ label: String, _ icon: Icon? = nil, danger: Bool = false
    )
        -> HTML
    {
        """
        <form method="post" action="\(action)">\(Layout.token(call))<button class="btn btn-s\(danger ? " btn-danger" : "")" type="submit">\
        \(icon.map(\.html))\(label)</button></form>
        """
    }

    public static func languages(_ call: Call) -> [(String, String)] {
        [("zh-Hans", "简体中文"), ("zh-Hant", "繁體中文"), ("en", "English")]
    }

    public static func wall(_ t: Instant?, _ call: Call) -> String? { t.map { call.zone.formText($0) } }

    // MARK: History

    /// The newest hundred facts of a subject, newest first.
    /// - Parameter fields: before the keys of the names of changed fields
    public static func history(
        of subject: Subject, fields: String = "people.f.", _ call: Call, _ tx: Transaction
    ) throws -> HTML {
        let last = try tx.int(
            "select number from chain where subject_kind = \(subject.kind) and subject_id = \(subject.id)")
        let rows = try tx.history(of: subject, after: last - 100, limit: 100).reversed()
        // History keeps names as they were written; an English reader knows people by their Latin ones.
        let people =
            call.language == .english ? try call.chrome.people(Set(rows.compactMap(\.actor)), tx) : [:]
        let body: HTML =
            rows.isEmpty
            ? "<p class=\"muted\">\(call.t("people.history.none"))</p>"
            : "<ol class=\"timeline\">\(rows.html { event($0, $0.actor.flatMap { people[$0] } ?? $0.actorName, fields, call) })</ol>"
        return panel(call.t("people.history"), body, id: "history")
    }

    private static func event(_ row: HistoryRow, _ who: String, _ fields: String, _ call: Call) -> HTML {
        var arguments: [String: String] = [:]
        let isEnglish = call.language == .english
        for m in row.data.members ?? [] {
            if isEnglish, let name = row.data[m.name + "_en"]?.string, !name.isEmpty {
                arguments[m.name] = name
                continue
            }
            switch m.value {
            case .string(let s):
                arguments[m.name] = m.name == "role" ? call.t("role.\(s)") : s
            case .int(let i): arguments[m.name] = String(i)
            case .null: arguments[m.name] = "–"
            default: arguments[m.name] = m.value.text
            }
        }
        let changed = row.data["changed"]?.members ?? []
        let key = "fact." + row.kind
        let sentence = call.strings.has(key) ? call.t(key, arguments) : row.kind
        return """
            <li><span class="dot">\(Icon.edit)</span><div class="event"><p><b>\(Actor.isJob(row.actorName) ? call.t("history.system") : who)</b> \(sentence) \(Times(call).short(row.at))</p>\
            \(changed.html { m in
                "<p>\(call.t(fields + m.name)): \(shown(m.value["from"])) → <b>\(shown(m.value["to"]))</b></p>"
            })</div></li>
            """
    }

    private static func shown(_ value: JSON?) -> String {
        switch value {
        case .string(let s): s.isEmpty ? "–" : s
        case .bool(let b): b ? "✓" : "✗"
        case nil, .null: "–"
        case .some(let v): v.text
        }
    }
}
