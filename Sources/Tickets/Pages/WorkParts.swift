import Base
import ServiceLevels
import Store
import Web

/// The parts that lists of tickets are made of, the same on every page.
enum WorkParts {
    static func path(_ row: TicketRow) -> String { "/tickets/" + row.number }

    /// A word and a form: `P2`, or a dash where nothing is graded yet.
    static func priority(_ call: Call, _ priority: Priority?) -> HTML {
        guard let priority else {
            return
                "<span class=\"p p4\" title=\"\(call.t("work.ungraded"))\"><span aria-hidden=\"true\">–</span><span class=\"vh\">\(call.t("work.ungraded"))</span></span>"
        }
        return "<span class=\"p p\(priority.rawValue)\">\(priority.code)</span>"
    }

    static func state(_ call: Call, _ state: TicketState) -> HTML {
        let style: HTML =
            switch state {
            case .completed, .archived: " tag-ok"
            case .submitted, .opened: " tag-accent"
            case .draft, .cancelled, .merged, .rejected: " tag-line"
            default: ""
            }
        return "<span class=\"tag\(style)\">\(call.t(state.nameKey))</span>"
    }

    /// A point in time as a queue says it: today's clock, tomorrow by name, else the date.
    static func when(_ call: Call, _ t: Instant) -> HTML {
        let wall = call.zone.wall(t)
        let today = call.zone.wall(call.now).dayNumber
        let text: String
        if wall.dayNumber == today {
            text = wall.clock
        } else if wall.dayNumber == today + 1 {
            text = call.t("work.tomorrow", ["time": wall.clock])
        } else {
            let year = CivilDate.date(dayNumber: wall.dayNumber).year
            text = year == CivilDate.date(dayNumber: today).year ? wall.short : wall.text
        }
        return "<time datetime=\"\(t.rfc3339)\" title=\"\(wall.text) \(call.zone.identifier)\">\(text)</time>"
    }

    /// Whether the next move is the reader's own.
    static func isMine(_ row: TicketRow, _ actor: Actor) -> Bool {
        switch row.turn.party {
        case .engineer: row.engineer != nil && row.engineer == actor.id
        case .customer: !actor.isStaff && actor.has(.customer)
        case .serviceManager: actor.has(.serviceManager)
        case .technicalLead: actor.has(.technicalLead)
        case .management: actor.has(.management)
        case .siteLead: actor.has(.siteLead) && row.site.map { actor.sites.contains($0) } ?? false
        case .quality: actor.has(.quality)
        case .nobody: false
        }
    }

    /// Whose turn it is: mine with what to do, or theirs with who they are.
    static func turn(_ call: Call, _ row: TicketRow) -> HTML {
        let task = call.t(row.turn.taskKey)
        if let actor = call.caller?.actor, isMine(row, actor) {
            return
                "<span class=\"turn-line turn-me\">\(Icon.arrow)<span>\(call.t("work.turn.mine", ["task": task]))</span></span>"
        }
        if row.turn.party == .nobody {
            return "<span class=\"muted\">–</span>"
        }
        var who = call.t(row.turn.party.nameKey)
        let person: String? =
            switch row.turn.party {
            case .engineer: row.engineerName
            case .customer: row.requesterName
            default: nil
            }
        if let person { who += " " + person }
        return "<span class=\"turn-line\" title=\"\(task)\">\(Icon.user)<span>\(who)</span></span>"
    }

    /// Organisation and site, as one place.
    static func place(_ row: TicketRow) -> String {
        [row.organizationName, row.siteName].compactMap { $0 }.joined(separator: " · ")
    }

    /// What it is about: model and serial, else the category.
    static func item(_ call: Call, _ row: TicketRow) -> HTML {
        if row.model != nil || row.serial != nil {
            return "<span>\(row.model) \(row.serial.map { "<span class=\"sn\">\($0)</span>" as HTML })</span>"
        }
        return row.category.map { "<span>\(call.t($0.nameKey))</span>" as HTML } ?? ""
    }

    /// The requester's word for how urgent it is; what is no word of ours stays as it was written.
    static func urgency(_ call: Call, _ word: String) -> String {
        TicketWords.urgency.shown(word, call.strings) ?? ""
    }

    /// An empty place that fills by itself when something comes.
    static func emptyLive(_ id: String, _ empty: HTML) -> HTML {
        "<div id=\"\(id)\" class=\"\" data-live>\(empty)</div>"
    }

    /// An empty place that says what to do next.
    static func empty(_ title: String, _ text: String, _ actions: HTML = "") -> HTML {
        """
        <section class="panel empty"><svg class="empty-art" viewBox="0 0 144 96" aria-hidden="true">\
        <path d="M12 84h120M58 84V66M50 84l8-18 8 18"/><path d="M34 26a38 38 0 0 0 50 42zM59 47l17-19"/>\
        <circle cx="78" cy="26" r="3"/><path class="a" d="M88 12a24 24 0 0 1 12 16M96 4a36 36 0 0 1 16 22"/></svg>\
        <h2>\(title)</h2><p>\(text)</p>\(HTML.when(!actions.isEmpty, "<div class=\"row\">\(actions)</div>"))</section>
        """
    }

    /// Head of a page: title, a sentence, actions at the right.
    static func head(_ title: String, _ lead: HTML = "", _ actions: HTML = "") -> HTML {
        """
        <div class="head"><div><h1>\(title)</h1>\(HTML.when(!lead.isEmpty, "<p class=\"lead\">\(lead)</p>"))</div>\
        \(HTML.when(!actions.isEmpty, "<div class=\"row\">\(actions)</div>"))</div>
        """
    }

    static func newTicketButton(_ call: Call, primary: Bool = false) -> HTML {
        guard let actor = call.caller?.actor,
            actor.hasAny(Roles([.customer, .engineer, .siteLead, .serviceManager]))
        else { return "" }
        let style: HTML = primary ? " btn-primary" : ""
        let key = actor.isStaff ? "work.enter" : "portal.new"
        return "<a class=\"btn\(style)\" href=\"/tickets/new\">\(Icon.plus)\(call.t(key))</a>"
    }

    /// A count that is exact below its limit: `1000+` at it.
    static func counted(_ n: Int, most: Int = 1000) -> String { n >= most ? "\(most)+" : String(n) }

    /// First page, next page.
    static func pager(_ call: Call, next: String?, total: String? = nil) -> HTML {
        let here = PageLink(call)
        let isLater = call.queryValue("cursor") != nil
        let first: HTML =
            isLater ? "<a class=\"btn btn-s\" href=\"\(here)\">\(call.t("list.first"))</a>" : ""
        let more: HTML =
            next.map {
                "<a class=\"btn btn-s\" rel=\"next\" href=\"\(here.with("cursor", $0))\">\(call.t("list.next"))\(Icon.right)</a>"
            } ?? ""
        return """
            <nav class="pager" aria-label="\(call.t("work.pager"))">\(total.map { "<span>\(call.t("list.total", ["n": $0]))</span>" as HTML })\
            <span class="row row-end">\(first)\(more)</span></nav>
            """
    }

    /// The road of a ticket in six steps, as far as it has come.
    static func phase(_ call: Call, _ state: TicketState) -> HTML {
        let at: Int =
            switch state {
            case .draft, .submitted, .rejected: 0
            case .opened, .dispatched: 1
            case .inProgress, .waitingOnCustomer: 2
            case .awaitingDecision, .implementing: 3
            case .awaitingEvaluation, .awaitingClosure: 4
            case .completed, .archived, .cancelled, .merged: 5
            }
        let names = ["received", "opened", "in_work", "solution", "evaluation", "closed"]
        return """
            <ol class="phase" aria-label="\(call.t("work.phase"))">\(names.enumerated().html { i, name in
                let mark: HTML = i < at ? " class=\"done\"" : i == at ? " aria-current=\"step\"" : ""
                return "<li\(mark)><span>\(call.t("work.phase.\(name)"))</span></li>"
            })</ol>
            """
    }
}

extension Transaction {
    /// Whole tickets that the actor sees, for pages that show what was written on them.
    func visibleTickets(where condition: SQL, order: SQL, limit: Int) throws -> [StoredTicket] {
        try rows(
            """
            select \(Self.ticketColumns) from ticket t where \(TicketAccess.visible(to: actor)) and \(condition)
            order by \(order) limit \(limit)
            """, Self.readTicket)
    }
}
