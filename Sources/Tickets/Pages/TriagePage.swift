import Base
import Inventory
import People
import ServiceLevels
import Store
import Web

/// What waits for the service manager: to approve, to dispatch, to close; and what nobody has
/// acknowledged. The list at the left, the chosen one with its evidence at the right.
enum TriagePage {
    enum View: String, CaseIterable, Sendable {
        case approval, dispatch, closure, provisional, notices

        var condition: SQL {
            switch self {
            case .approval: "t.is_open = 1 and t.state = 'submitted'"
            case .dispatch: "t.is_open = 1 and t.state = 'opened'"
            case .closure: "t.is_open = 1 and t.state = 'awaiting_closure'"
            case .provisional: "t.provisional_due_at is not null and t.is_open = 1"
            case .notices:
                """
                t.is_open = 1 and t.id in (select n.ticket_id from notice n
                  where n.needs_acknowledgement = 1 and n.acknowledged_at is null)
                """
            }
        }

        /// The steps to take, the primary one first.
        var steps: [Step] {
            switch self {
            case .approval: [.approval, .rejection]
            case .dispatch: [.assignment]
            case .closure: [.closure]
            case .provisional: [.approval]
            case .notices: []
            }
        }
    }

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let book = try ServiceLevels.book(tx)
        let counts = try Dictionary(
            uniqueKeysWithValues: View.allCases.map { ($0, try tx.countTickets($0.condition)) })
        let asked = call.queryValue("view").flatMap(View.init)
        let first = View.allCases.first { (counts[$0] ?? 0) > 0 }
        let stock = try InventoryPages.waitingCount(tx)
        let isStock = call.queryValue("view") == stockView || asked == nil && first == nil && stock > 0
        let view = asked ?? first ?? .approval
        let order: SQL = view == .provisional ? "t.provisional_due_at, t.id" : "t.due_at, t.id"
        let rows = try tx.ticketRows(where: view.condition, order: order, limit: 100)
            .map { $0.named(call.language) }
        let clocks = rows.map { WorkClock($0, book, now: call.now) }
        let chosen = call.queryValue("ticket").flatMap { id in rows.first { $0.id.text == id } } ?? rows.first

        let waiting = try tx.ticketRows(
            where: "((\(View.approval.condition)) or (\(View.dispatch.condition)))", order: "t.due_at, t.id",
            limit: 20)
        let closest = waiting.lazy.map { WorkClock($0, book, now: call.now) }
            .first { $0.kind == .running || $0.kind == .over }
        var lead: HTML =
            "\(call.t("triage.lead", ["approve": "\(counts[.approval] ?? 0)", "dispatch": "\(counts[.dispatch] ?? 0)"]))"
        if let closest {
            let key = closest.kind == .over ? "script.clock.over" : "script.clock.left"
            let style: HTML = closest.kind == .over ? "bad" : "warn"
            lead +=
                " \(call.t("triage.closest")) <strong class=\"\(style)\">\(call.t(key, ["span": Times.span(closest.left)]))</strong>"
        }
        var h = WorkParts.head(call.t("triage.title"), lead, WorkParts.newTicketButton(call))
        h += """
            <nav class="views" aria-label="\(call.t("views"))">\(View.allCases.html { v in
                """
                <a href="/triage?view=\(v.rawValue)"\(HTML.when(v == view && !isStock, " aria-current=\"page\""))>\(call.t("triage.view.\(v.rawValue)")) \
                <span class="count">\(WorkParts.counted(counts[v] ?? 0))</span></a>
                """
            })<a href="/triage?view=\(stockView)"\(HTML.when(isStock, " aria-current=\"page\""))>\(call.t("triage.view.stock")) \
            <span class="count">\(WorkParts.counted(stock))</span></a></nav>
            """
        if isStock {
            let waiting = try InventoryPages.waiting(call, tx)
            h +=
                waiting.isEmpty
                ? WorkParts.empty(
                    call.t("triage.empty.stock"), call.t("triage.empty.stock.hint"),
                    "<a class=\"btn\" href=\"/stock/documents\">\(call.t("stock.documents"))</a>") : waiting
        } else if let chosen {
            h += """
                <div class="split-left" id="triage" data-live>\(inbox(call, view, rows, clocks, chosen))\
                \(try panel(call, view, chosen, book, tx))</div>
                """
        } else {
            h += WorkParts.emptyLive(
                "triage",
                WorkParts.empty(
                    call.t("triage.empty.\(view.rawValue)"), call.t("triage.empty.hint"),
                    "<a class=\"btn\" href=\"/wall\">\(call.t("wall.title"))</a>"))
        }
        return try Layout.page(call, tx, title: call.t("triage.title"), current: "/triage", h)
    }

    /// What waits for approval in the stores.
    private static let stockView = "stock"

    static let waiting: SQL = """
        t.is_open = 1 and t.state in ('submitted', 'opened', 'awaiting_closure')
        """

    private static func inbox(
        _ call: Call, _ view: View, _ rows: [TicketRow], _ clocks: [WorkClock], _ chosen: TicketRow
    ) -> HTML {
        """
        <section class="panel" aria-labelledby="in-t"><div class="panel-head"><h2 id="in-t" class="small">\(call.t("triage.order"))</h2></div>\
        <ul class="inbox">\(zip(rows, clocks).html { row, clock in
            let link = PageLink("/triage", [("view", view.rawValue), ("ticket", row.id.text)])
            return """
                <li><a href="\(link)"\(HTML.when(row.id == chosen.id, " aria-current=\"true\""))><span class="t">\(row.title)</span>\
                \(left(call, clock, row))<span class="m">\(WorkParts.place(row))</span></a></li>
                """
        })</ul></section>
        """
    }

    private static func left(_ call: Call, _ clock: WorkClock, _ row: TicketRow) -> HTML {
        switch clock.kind {
        case .running, .over:
            let key = clock.kind == .over ? "script.clock.over" : "script.clock.left"
            let style: HTML = clock.kind == .over ? "bad" : clock.isClose ? "warn" : "muted"
            return
                "<span class=\"num small \(style)\">\(call.t(key, ["span": Times.span(clock.left)]))</span>"
        case .paused, .given, .none:
            let age = Times.span(call.now - (row.receivedAt ?? row.createdAt))
            return "<span class=\"num small muted\">\(call.t("triage.age", ["span": age]))</span>"
        }
    }

    // MARK: The chosen one

    private static func panel(
        _ call: Call, _ view: View, _ row: TicketRow, _ book: LevelsBook, _ tx: Transaction
    ) throws -> HTML {
        let t = try tx.ticket(row.id.text).ticket
        let received = t.receivedAt.map { at -> HTML in
            let zone = row.siteZone.flatMap { Zone($0) }
            let there =
                zone.map { $0 == call.zone ? "" : " · \(row.siteName ?? "") \($0.wall(at).clock)" } ?? ""
            return
                "<span class=\"muted small\">\(call.t("triage.received")) \(Times(call).short(at, other: zone))\(there)</span>"
        }
        var h: HTML = """
            <section class="panel" aria-labelledby="ap-t"><div class="panel-head"><span class="num muted">\(t.number)</span>\
            \(WorkParts.state(call, t.state))\(t.priority.map { WorkParts.priority(call, $0) })\(received)</div><div class="panel-body stack-l">\
            <div class="stack"><h2 id="ap-t">\(t.title)</h2>\
            \(WorkParts.clock(call, WorkClock(row, book, now: call.now)))\(HTML.prose(String(t.description.prefix(1500))))\
            \(facts(call, t, row))</div>
            """
        h += try suggestion(call, view, t, tx)
        h += try notices(call, t, tx)
        h += try evidence(call, t, tx)
        let steps = view.steps.enumerated().html { i, step in
            let style: HTML = i == 0 ? " btn-primary" : ""
            return
                "<a class=\"btn\(style)\" href=\"/tickets/\(t.number)?do=\(step.rawValue)#do\">\(call.t(step.labelKey))…</a>"
        }
        return h + """
            </div><div class="panel-foot">\(steps)<a class="btn btn-quiet row-end" href="/tickets/\(t.number)">\(call.t("work.peek.open"))</a></div></section>
            """
    }

    private static func facts(_ call: Call, _ t: Ticket, _ row: TicketRow) -> HTML {
        var lines: [(String, HTML)] = []
        let who = [row.requesterName ?? t.requesterName, row.organizationName].compactMap { $0 }
        lines.append((call.t("work.requester"), "\(who.joined(separator: " · "))"))
        if let site = row.siteName {
            lines.append(
                (call.t("work.site"), "\([row.projectName, site].compactMap { $0 }.joined(separator: " · "))")
            )
        }
        if t.model != nil || t.product != nil || t.serial != nil {
            let name = [t.model, t.product].compactMap { $0 }.joined(separator: " ")
            lines.append((call.t("work.product"), "\(name) <span class=\"sn\">\(t.serial)</span>"))
        }
        if let category = t.category {
            lines.append((call.t("work.category"), "\(call.t(category.nameKey))"))
        }
        if let urgency = t.urgency {
            lines.append((call.t("triage.urgency"), "\(WorkParts.urgency(call, urgency))"))
        }
        return "<dl class=\"facts\">\(lines.html { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })</dl>"
    }

    /// What the house's own tables and people propose.
    private static func suggestion(_ call: Call, _ view: View, _ t: Ticket, _ tx: Transaction) throws -> HTML
    {
        var lines: [HTML] = []
        if let p = t.proposal {
            let by = try p.by.map { try People.names(of: [$0], tx)[$0] ?? "" } ?? ""
            let grade = p.grading.priority
            lines.append(
                "\(call.t("triage.proposed", ["name": by, "category": call.t(p.category.nameKey)])) \(grade.map { WorkParts.priority(call, $0) })"
            )
        }
        if let unit = t.unit, let name = try People.organizationNames(of: [unit], tx)[unit] {
            lines.append("\(call.t("triage.routed", ["unit": name]))")
        }
        if let p = t.provisional {
            lines.append(
                "\(call.t("triage.provisional", ["reason": p.reason])) \(WorkParts.when(call, p.approvalDueAt))"
            )
        }
        guard !lines.isEmpty else { return "" }
        return """
            <div class="banner banner-info">\(Icon.info)<div>\(lines.html { "<p>\($0)</p>" })</div></div>
            """
    }

    /// Who was told, and has not said that they have seen it.
    private static func notices(_ call: Call, _ t: Ticket, _ tx: Transaction) throws -> HTML {
        let open = try tx.rows(
            """
            select a.name, a.name_latin, n.kind, n.at, n.read_at from notice n join account a on a.id = n.account_id
            where n.ticket_id = \(t.id) and n.needs_acknowledgement = 1 and n.acknowledged_at is null
            order by n.id limit 10
            """
        ) { r in
            let name = r.text()
            let latin = r.textOrNil()
            return (
                call.language == .english ? latin ?? name : name, r.text(), r.instant(), r.instantOrNil()
            )
        }
        guard !open.isEmpty else { return "" }
        return """
            <div class="stack"><h3>\(call.t("triage.unacknowledged"))</h3><ul class="stack">\(open.html { name, kind, at, read in
                """
                <li class="line small">\(Icon.bell)<span><strong>\(name)</strong> · \(call.t("notice." + kind)) · \(WorkParts.when(call, at))\
                \(HTML.when(read != nil, " · \(call.t("triage.read"))"))</span></li>
                """
            })</ul></div>
            """
    }

    /// Open ones that are much alike, and what the last year says about the same failure.
    private static func evidence(_ call: Call, _ t: Ticket, _ tx: Transaction) throws -> HTML {
        let similar = try WorkSimilar.find(
            serial: t.serial, title: t.title, organization: t.organization, except: t.id, tx)
        let same = try WorkSimilar.sameFailure(t, tx)
        var h: HTML = ""
        if !similar.isEmpty {
            h += """
                <div class="stack"><h3>\(call.t("triage.similar"))</h3>\(list(call, similar))</div>
                """
        }
        if !same.isEmpty {
            h += """
                <details class="fold"><summary>\(Icon.right)\(call.t("triage.same_failure", ["n": "\(same.count)"]))</summary>\(list(call, same))</details>
                """
        }
        return h
    }

    private static func list(_ call: Call, _ rows: [TicketRow]) -> HTML {
        """
        <ul class="stack">\(rows.html { raw in
            let row = raw.named(call.language)
            return """
                <li class="line small">\(Icon.ticket)<span><a href="\(WorkParts.path(row))"><span class="num">\(row.number)</span> \(row.title)</a> \
                <span class="muted">\(WorkParts.place(row)) · \(call.t(row.state.nameKey))</span></span></li>
                """
        })</ul>
        """
    }
}
