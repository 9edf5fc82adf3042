import Base
import ServiceLevels
import Store
import Web

/// My work: what breaches next on top, whose turn it is, and a reply beside the list.
enum WorkPage {
    enum View: String, CaseIterable {
        case due, turn, waiting, visits, team
    }

    static let most = 200

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        guard actor.isStaff, seesTickets(actor) else { throw Failure.notFound() }
        let filter = try call.filter(TicketFilter.self)
        let view = call.queryValue("view").flatMap(View.init) ?? .due
        let book = try ServiceLevels.book(tx)
        let conditions = tx.conditions(filter)
        let rows =
            try conditions.map { own in
                try tx.ticketRows(
                    where: ([condition(view, tx)] + own).joined(" and "), order: "t.due_at, t.id",
                    limit: most)
            } ?? []
        let named = rows.map { $0.named(call.language) }
        let clocks = named.map { WorkClock($0, book, now: call.now) }
        let peeked = peekID(call, named, actor)
        let peek = try peeked.flatMap { id in
            try WorkPeek.html(call, id, named.first { $0.id.text == id }, book, tx)
        }
        let counts = try Dictionary(
            uniqueKeysWithValues: shownViews(actor).map { ($0, try tx.countTickets(condition($0, tx))) })

        var h = WorkParts.head(
            call.t("work.title"), lead(call, counts, clocks, view), WorkParts.newTicketButton(call))
        h += views(call, view, counts, try SavedViews.all(.work, tx))
        h += filters(call)
        if rows.isEmpty {
            h += WorkParts.emptyLive(
                "queue", empty(call, view, counts, isFiltered: !(conditions ?? [""]).isEmpty))
        } else {
            let list: HTML = """
                <div id="queue" data-live>\(table(call, zip(named, clocks).map { ($0, $1) }, peeked))\
                \(HTML.when(rows.count == most, "<p class=\"pager\"><a href=\"/tickets?state=open&amp;engineer=me\">\(call.t("work.all_mine"))</a></p>"))\
                \(keys(call))</div>
                """
            h += peek.map { "<div class=\"split\">\(list)\($0)</div>" } ?? list
        }
        return try Layout.page(call, tx, title: call.t("work.title"), current: "/work", h)
    }

    static func seesTickets(_ actor: Actor) -> Bool {
        actor.hasAny(TicketAccess.all.union(Roles([.engineer, .technicalLead, .siteLead, .customer])))
    }

    // MARK: What belongs to me

    /// Mine to move: assigned to me, or my post's turn.
    private static func turn(_ tx: Transaction) -> SQL {
        let actor = tx.actor
        var parts: [SQL] = ["t.turn = 'engineer' and t.engineer_id = \(actor.id)"]
        if actor.has(.serviceManager) { parts.append("t.turn = 'service_manager'") }
        if actor.has(.technicalLead) { parts.append("t.turn = 'technical_lead'") }
        if actor.has(.management) { parts.append("t.turn = 'management'") }
        if actor.has(.siteLead) {
            parts.append("t.turn = 'site_lead' and t.site_id in \(list: actor.sites.map(\.text))")
        }
        return "(\(parts.map { "(\($0))" as SQL }.joined(" or ")))"
    }

    static func condition(_ view: View, _ tx: Transaction) -> SQL {
        let me = tx.actor.id
        let mine: SQL = "(t.engineer_id = \(me) or \(turn(tx)))"
        return switch view {
        case .due: "t.is_open = 1 and \(mine)"
        case .turn: "t.is_open = 1 and \(turn(tx))"
        case .waiting: "t.state = 'waiting_on_customer' and t.engineer_id = \(me)"
        case .visits: visitsToday(tx)
        case .team:
            "t.is_open = 1 and t.engineer_id is null and t.unit_id in \(list: tx.actor.units.map(\.text))"
        }
    }

    private static func visitsToday(_ tx: Transaction) -> SQL {
        let zone = tx.actor.zone
        let day = zone.wall(tx.now).dayNumber
        let from = zone.instant(WallTime(dayNumber: day, secondOfDay: 0))
        let to = zone.instant(WallTime(dayNumber: day + 1, secondOfDay: 0))
        return """
            t.id in (select v.ticket_id from ticket_visit v where v.engineer_id = \(tx.actor.id)
              and v.start_at < \(to) and v.end_at > \(from))
            """
    }

    private static func shownViews(_ actor: Actor) -> [View] {
        actor.has(.engineer) ? View.allCases : [.due, .turn, .team]
    }

    /// How many wait for the reader: beside the entry of the navigation.
    static func waiting(_ tx: Transaction) -> SQL { "t.is_open = 1 and \(turn(tx))" }

    // MARK: Drawing

    private static func lead(_ call: Call, _ counts: [View: Int], _ clocks: [WorkClock], _ view: View) -> HTML
    {
        let over = clocks.filter { $0.kind == .over }.count
        let today = clocks.filter { WorkGroup($0, now: call.now, zone: call.zone) == .today }.count
        var parts: [HTML] = []
        if over > 0 {
            parts.append("<strong class=\"bad\">\(call.t("work.lead.over", ["n": "\(over)"]))</strong>")
        }
        if today > 0 {
            parts.append("<strong class=\"warn\">\(call.t("work.lead.today", ["n": "\(today)"]))</strong>")
        }
        let mine = counts[.turn] ?? 0
        parts.append(
            mine > 0 ? "\(call.t("work.lead.turn", ["n": "\(mine)"]))" : "\(call.t("work.lead.none"))")
        return parts.enumerated().html { i, part in i == 0 ? part : " · \(part)" }
    }

    private static func views(_ call: Call, _ shown: View, _ counts: [View: Int], _ kept: [SavedView]) -> HTML
    {
        guard let actor = call.caller?.actor else { return "" }
        return """
            <nav class="views" aria-label="\(call.t("views"))">\(shownViews(actor).html { view in
                let link = PageLink("/work").with("view", view == .due ? nil : view.rawValue)
                let isShown = view == shown && PageLink(call).with("view", nil).with("peek", nil).query.isEmpty
                return """
                    <a href="\(link)"\(HTML.when(isShown, " aria-current=\"page\""))>\(call.t("work.view.\(view.rawValue)")) \
                    <span class="count">\(WorkParts.counted(counts[view] ?? 0))</span></a>
                    """
            })\(SavedViews.links(call, .work, kept))</nav>
            """
    }

    private static func filters(_ call: Call) -> HTML {
        let f = WorkFilters(call)
        return """
            <div class="filters" role="group" aria-label="\(call.t("work.filters"))">\(f.priority)\(f.category)\(f.turn)\(f.overdue)\
            <span class="row row-end"><a class="btn btn-quiet btn-s" href="/tickets?state=open&amp;engineer=me">\(Icon.columns)\(call.t("work.as_table"))</a></span></div>
            """
    }

    static func table(_ call: Call, _ lines: [(TicketRow, WorkClock)], _ peeked: String?) -> HTML {
        let grouped = Dictionary(grouping: lines) { WorkGroup($0.1, now: call.now, zone: call.zone) }
        return """
            <div class="table-wrap queue"><table class="table"><caption class="vh">\(call.t("work.caption"))</caption>\
            <thead><tr><th scope="col"><span class="vh">\(call.t("work.priority"))</span></th><th scope="col">\(call.t("work.ticket"))</th>\
            <th scope="col">\(call.t("work.turn"))</th><th scope="col" aria-sort="ascending">\(call.t("work.due"))</th></tr></thead>\
            \(WorkGroup.allCases.filter { grouped[$0] != nil }.html { group in
                let lines = grouped[group] ?? []
                return """
                    <tbody><tr class="table-group"><th colspan="4" scope="rowgroup">\(call.t("work.group.\(group.rawValue)")) \
                    <span class="muted">\(lines.count)</span></th></tr>\(lines.html { row(call, $0.0, $0.1, peeked) })</tbody>
                    """
            })</table></div>
            """
    }

    private static func row(_ call: Call, _ row: TicketRow, _ clock: WorkClock, _ peeked: String?) -> HTML {
        let isShown = row.id.text == peeked
        // Only where there is a place beside the list.
        let number: HTML =
            peeked == nil
            ? "<span class=\"num\">\(row.number)</span>"
            : """
            <a class="num peek-on" href="\(PageLink(call).with("peek", row.id.text))" \
            title="\(call.t("work.peek"))">\(row.number)</a><span class="num peek-off">\(row.number)</span>
            """
        return """
            <tr\(HTML.when(isShown, " aria-current=\"true\" class=\"is-selected\""))><td>\(WorkParts.priority(call, row.priority))</td>\
            <td><a class="title" href="\(WorkParts.path(row))">\(row.title)</a><div class="meta">\(number)\
            \(WorkParts.item(call, row))<span>\(WorkParts.place(row))</span></div></td>\
            <td>\(WorkParts.turn(call, row))</td><td>\(WorkParts.clock(call, clock))</td></tr>
            """
    }

    private static func keys(_ call: Call) -> HTML {
        """
        <p class="keys"><span><kbd>j</kbd><kbd>k</kbd>\(call.t("work.keys.move"))</span><span><kbd>Enter</kbd>\(call.t("work.keys.open"))</span>\
        <span><kbd>r</kbd>\(call.t("work.keys.reply"))</span><span><kbd>/</kbd>\(call.t("work.keys.search"))</span>\
        <span><kbd>?</kbd>\(call.t("work.keys.all"))</span></p>
        """
    }

    private static func peekID(_ call: Call, _ rows: [TicketRow], _ actor: Actor) -> String? {
        if let asked = call.queryValue("peek"), rows.contains(where: { $0.id.text == asked }) { return asked }
        return (rows.first { WorkParts.isMine($0, actor) } ?? rows.first)?.id.text
    }

    private static func empty(_ call: Call, _ view: View, _ counts: [View: Int], isFiltered: Bool) -> HTML {
        if isFiltered {
            return WorkParts.empty(
                call.t("work.empty.filter"), call.t("work.empty.filter.hint"),
                "<a class=\"btn btn-primary\" href=\"/work\">\(call.t("work.filter.clear"))</a>")
        }
        let waiting = counts[.waiting] ?? 0
        let team = counts[.team] ?? 0
        var actions: HTML = ""
        if view != .waiting, waiting > 0 {
            actions +=
                "<a class=\"btn\" href=\"/work?view=waiting\">\(call.t("work.view.waiting")) <span class=\"count\">\(waiting)</span></a>"
        }
        if view != .team, team > 0 {
            actions +=
                "<a class=\"btn\" href=\"/work?view=team\">\(call.t("work.view.team")) <span class=\"count\">\(team)</span></a>"
        }
        if actions.isEmpty { actions = "<a class=\"btn\" href=\"/tickets\">\(call.t("work.empty.all"))</a>" }
        return WorkParts.empty(
            call.t("work.empty.\(view.rawValue)"), call.t("work.empty.hint"), actions)
    }
}
