import Base
import ServiceLevels
import Spreadsheet
import Store
import Web

/// All tickets that the reader may see, as a table: filters, order, columns and views are in the URL,
/// pages go by key.
enum WorkTable {
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        guard WorkPage.seesTickets(actor) else { throw Failure.notFound() }
        let filter = try call.filter(TicketFilter.self)
        let book = try ServiceLevels.book(tx)
        let visible = try TicketAccess.listed(tx)
        let found = try tx.tickets(filter, among: visible)
        let total = try tx.conditions(filter).map {
            try tx.countTickets($0.isEmpty ? "1 = 1" : $0.joined(" and "), among: visible)
        }
        let rows = found.items.map { row in
            let named = row.named(call.language)
            return (named, WorkClock(named, book, now: call.now))
        }
        let columns = WorkColumn.chosen(call)
        let options = try WorkFilterOptions(filter, all: call.queryValue("more") != nil, tx)

        var h = WorkParts.head(
            call.t("work.tickets"), "\(call.t("list.total", ["n": WorkParts.counted(total ?? 0)]))",
            WorkParts.newTicketButton(call))
        h += views(call, try SavedViews.all(.tickets, tx))
        h += filters(call, filter, columns, options)
        if rows.isEmpty {
            h += WorkParts.emptyLive(
                "tickets", empty(call, isFiltered: !(tx.conditions(filter) ?? [""]).isEmpty))
        } else {
            h += "<div id=\"tickets\" data-live>\(table(call, rows, columns, filter.sort))"
            h += WorkParts.pager(call, next: found.nextCursor, total: total.map { WorkParts.counted($0) })
            h += "</div>"
        }
        return try Layout.page(call, tx, title: call.t("work.tickets"), current: "/tickets", h)
    }

    static func table(
        _ call: Call, _ rows: [(TicketRow, WorkClock)], _ columns: [WorkColumn], _ sort: TicketFilter.Sort
    ) -> HTML {
        """
        <div class="table-wrap queue wide-table" tabindex="0" role="region" aria-label="\(call.t("work.tickets"))">\
        <table class="table"><caption class="vh">\(call.t("work.caption.all"))</caption><thead><tr>\
        \(columns.html { head(call, $0, sort) })</tr></thead><tbody>\(rows.html { row in
            "<tr>\(columns.html { "<td>\($0.cell(call, row.0, row.1))</td>" })</tr>"
        })</tbody></table></div>
        """
    }

    private static func head(_ call: Call, _ column: WorkColumn, _ sort: TicketFilter.Sort) -> HTML {
        let name = call.t(column.nameKey)
        guard let own = column.sort else { return "<th scope=\"col\">\(name)</th>" }
        let link = PageLink(call).with("sort", own == .due ? nil : own.rawValue)
        guard own == sort else { return "<th scope=\"col\"><a href=\"\(link)\">\(name)</a></th>" }
        let order: HTML =
            own == .due ? " aria-sort=\"ascending\"" : " aria-sort=\"descending\""
        return
            "<th scope=\"col\"\(order)><a href=\"\(link)\">\(name) \(own == .due ? Icon.up : Icon.down)</a></th>"
    }

    private static func views(_ call: Call, _ kept: [SavedView]) -> HTML {
        let isStaff = call.caller?.actor.isStaff ?? false
        let fixed: [(String, String)] =
            isStaff
            ? [
                ("all", ""), ("open", "state=open"), ("mine", "state=open&engineer=me"),
                ("over", "state=open&overdue=1"),
                ("new", "sort=received"),
            ] : [("all", ""), ("open", "state=open"), ("closed", "state=completed%2Carchived&sort=received")]
        let now = PageLink(call).rawQuery
        return """
            <nav class="views" aria-label="\(call.t("views"))">\(fixed.html { name, query in
                let mark = HTML.when(query == now, " aria-current=\"page\"")
                return "<a href=\"\(query.isEmpty ? "/tickets" : "/tickets?" + query)\"\(mark)>\(call.t("work.tab.\(name)"))</a>"
            })\(SavedViews.links(call, .tickets, kept.filter { view in !fixed.contains { $0.1 == view.query } }))</nav>
            """
    }

    private static func filters(
        _ call: Call, _ filter: TicketFilter, _ columns: [WorkColumn], _ options: WorkFilterOptions
    ) -> HTML {
        let f = WorkFilters(call)
        let here = PageLink(call)
        let isOpen = call.queryValue("more") != nil
        var h: HTML = """
            <div class="filters" role="group" aria-label="\(call.t("work.filters"))">\(f.state)\(f.priority)\(f.category)\(f.turn)\(f.overdue)\
            \(f.named("project", call.t("work.project"), options.projects))\
            \(f.named("organization", call.t("work.organization"), options.organizations))\
            \(f.named("site", call.t("work.site"), options.sites))\
            \(f.named("engineer", call.t("work.engineer"), options.engineers + [("me", call.t("work.me")), ("none", call.t("work.nobody"))]))\
            \(f.named("unit", call.t("work.unit"), options.units))\(f.named("serial", call.t("work.serial"), []))\(f.named("q", call.t("work.words"), []))\
            <a class="chip chip-add\(isOpen ? " chip-on" : "")" href="\(here.with("more", isOpen ? nil : "1"))">\(Icon.filter)\(call.t("work.filter"))</a>
            """
        h += "<span class=\"row row-end\">\(columnsMenu(call, columns))"
        h += """
            <details class="menu"><summary class="btn btn-quiet btn-icon" aria-label="\(call.t("work.export"))" title="\(call.t("work.export"))">\
            \(Icon.download)</summary><div class="menu-list">\(ListExport.Format.allCases.html { format in
                """
                <a href="\(here.with("more", nil).at("/tickets/export.\(format.rawValue)"))" download>\(Icon.file)\
                \(call.t("work.export.\(format.rawValue)"))</a>
                """
            })</div></details></span></div>
            """
        return h + HTML.when(isOpen, more(call, options))
    }

    private static func columnsMenu(_ call: Call, _ shown: [WorkColumn]) -> HTML {
        let here = PageLink(call)
        return """
            <details class="menu"><summary class="btn btn-quiet btn-icon" aria-label="\(call.t("work.columns"))" title="\(call.t("work.columns"))">\
            \(Icon.columns)</summary><div class="menu-list">\(WorkColumn.allCases.filter { $0 != .ticket }.html { column in
                let isOn = shown.contains(column)
                let next = WorkColumn.allCases.filter { ($0 == column) != shown.contains($0) || $0 == .ticket }
                let names = next.map(\.rawValue).joined(separator: ",")
                return """
                    <a href="\(here.with("columns", next == WorkColumn.standard(call.caller?.actor) ? nil : names))">\(isOn ? Icon.check.html : Icon.plus.html)\
                    <span>\(call.t(column.nameKey))<span class="vh"> \(call.t(isOn ? "work.columns.on" : "work.columns.off"))</span></span></a>
                    """
            })</div></details>
            """
    }

    /// The filters that name rows of their own, as a form.
    private static func more(_ call: Call, _ options: WorkFilterOptions) -> HTML {
        let here = PageLink(call)
        func select(_ name: String, _ label: String, _ choices: [(String, String)]) -> HTML {
            let chosen = here.value(name)
            return """
                <div class="field"><label for="f-\(name)">\(label)</label><select class="select" id="f-\(name)" name="\(name)">\
                <option value="">\(call.t("work.any"))</option>\(choices.html { v, shown in
                    "<option value=\"\(v)\"\(HTML.when(v == chosen, " selected"))>\(shown)</option>"
                })</select></div>
                """
        }
        func text(_ name: String, _ label: String) -> HTML {
            "<div class=\"field\"><label for=\"f-\(name)\">\(label)</label><input class=\"input\" id=\"f-\(name)\" name=\"\(name)\" value=\"\(here.value(name))\" autocomplete=\"off\"></div>"
        }
        let people = [("me", call.t("work.me")), ("none", call.t("work.nobody"))] + options.engineers
        let isStaff = call.caller?.actor.isStaff ?? false
        return """
            <form class="panel panel-body filter-form" method="get" action="/tickets">\
            \(here.hidden(except: ["project", "organization", "site", "engineer", "serial", "q", "more"]))\
            \(select("project", call.t("work.project"), options.projects))\
            \(HTML.when(isStaff, select("organization", call.t("work.organization"), options.organizations)))\
            \(select("site", call.t("work.site"), options.sites))\(select("engineer", call.t("work.engineer"), isStaff ? people : options.engineers))\
            \(text("serial", call.t("work.serial")))\(text("q", call.t("work.words")))\
            <div class="row"><button class="btn btn-primary" type="submit">\(call.t("work.filter.apply"))</button>\
            <a class="btn btn-quiet" href="/tickets">\(call.t("work.filter.clear"))</a></div></form>
            """
    }

    private static func empty(_ call: Call, isFiltered: Bool) -> HTML {
        isFiltered
            ? WorkParts.empty(
                call.t("work.empty.filter"), call.t("work.empty.filter.hint"),
                "<a class=\"btn btn-primary\" href=\"/tickets\">\(call.t("work.filter.clear"))</a>")
            : WorkParts.empty(
                call.t("work.empty.tickets"), call.t("work.empty.tickets.hint"),
                WorkParts.newTicketButton(call, primary: true))
    }
}
