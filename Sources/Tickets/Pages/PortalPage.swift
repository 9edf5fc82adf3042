import Base
import People
import ServiceLevels
import Store
import Web

/// The customer's portal: my tickets and whose turn it is, in plain words.
enum PortalPage {
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        guard actor.has(.customer), !actor.isStaff else { throw Failure.notFound() }
        let open = try tx.visibleTickets(
            where: "(t.is_open = 1 or t.state = 'rejected' and t.updated_at >= \(tx.now - .days(30)))",
            order: "t.due_at, t.id", limit: 200)
        let drafts = try tx.visibleTickets(
            where: "t.state = 'draft' and t.created_by = \(actor.id)", order: "t.created_at desc", limit: 50)
        let closed = try tx.ticketRows(
            where: """
                t.state in ('completed', 'archived', 'cancelled') and t.closed_at >= \(tx.now - .days(90))
                """, order: "t.closed_at desc", limit: 20)
        let names = try TicketPeople.names(open.map(\.ticket) + drafts.map(\.ticket), tx)
        let yours = open.filter { task($0.ticket, actor) != nil }
        let theirs = open.filter { task($0.ticket, actor) == nil }

        let house = try call.chrome.houseName(call.language, tx)
        let own =
            try actor.organization.map { try People.organizationNames(of: [$0], tx)[$0] ?? "" } ?? ""
        let lead = call.t(
            "portal.lead",
            ["organization": own, "yours": "\(yours.count)", "theirs": "\(theirs.count)", "house": house])
        var h = WorkParts.head(
            call.t("portal.title"), "\(lead)",
            "<a class=\"btn btn-primary btn-l\" href=\"/tickets/new\">\(Icon.plus)\(call.t("portal.new"))</a>"
        )
        h += "<div class=\"stack-l\" id=\"portal\" data-live>"
        if open.isEmpty && drafts.isEmpty && closed.isEmpty {
            h += WorkParts.empty(
                call.t("portal.empty"), call.t("portal.empty.hint"),
                "<a class=\"btn btn-primary\" href=\"/tickets/new\">\(call.t("portal.new"))</a>")
        }
        h += section(call, "portal.yours", yours) {
            yourCase(call, $0, names, task($0.ticket, actor) ?? "answer")
        }
        h += section(call, "portal.theirs", theirs, ["house": house]) { theirCase(call, $0, names, house) }
        h += section(call, "portal.drafts", drafts) { draft(call, $0) }
        if !closed.isEmpty { h += closedTable(call, closed) }
        h += try contact(call, tx)
        return try Layout.page(
            call, tx, title: call.t("portal.title"), current: "/portal", frame: .portal, h + "</div>")
    }

    /// What the reader should do; nil where it is somebody else's turn.
    private static func task(_ t: Ticket, _ actor: Actor) -> String? {
        switch t.state {
        case .waitingOnCustomer: return "answer"
        case .rejected: return t.requester == actor.id ? "object" : nil
        case .awaitingEvaluation where t.evaluation == nil && t.evaluationAbsentAt == nil:
            return t.requester == actor.id ? "rate" : nil
        case .inProgress, .awaitingDecision, .implementing:
            // One that management may still return is nothing to accept yet.
            if t.state == .implementing, t.solution?.answer == .pending { return "accept" }
            return t.interim?.answer == .pending && t.solution == nil ? "accept" : nil
        default: return nil
        }
    }

    private static func section(
        _ call: Call, _ key: String, _ tickets: [StoredTicket], _ arguments: [String: String] = [:],
        _ body: (StoredTicket) -> HTML
    ) -> HTML {
        guard !tickets.isEmpty else { return "" }
        let id = key.replacing(".", with: "-")
        return """
            <section aria-labelledby="\(id)"><h2 id="\(id)" class="sec">\(call.t(key, arguments)) <span class="count">\(tickets.count)</span></h2>\
            <div class="panel">\(tickets.html(body))</div></section>
            """
    }

    private static func title(_ call: Call, _ t: Ticket, _ names: TicketPeople.Names) -> HTML {
        let site = t.site.flatMap { names.sites[$0]?.name }
        let item: HTML = t.serial.map { "\(t.model) <span class=\"sn\">\($0)</span>" } ?? "\(t.model)"
        return """
            <h3><a href="/tickets/\(t.number)">\(t.title)</a></h3><p class="m"><span class="num">\(t.number)</span>\
            \(HTML.when(t.serial != nil || t.model != nil, " · \(item)"))\(site.map { " · \($0)" })</p>\
            \(WorkParts.phase(call, t.state))
            """
    }

    private static func yourCase(
        _ call: Call, _ stored: StoredTicket, _ names: TicketPeople.Names, _ task: String
    ) -> HTML {
        let t = stored.ticket
        let step: Step =
            switch task {
            case "rate": .evaluation
            case "accept": .solutionAcceptance
            case "object": .objection
            default: .responses
            }
        let by = (t.solution?.by ?? t.interim?.by).flatMap { names.accounts[$0] } ?? ""
        let at = t.solution?.at ?? t.interim?.at
        let note: HTML
        switch task {
        case "rate":
            note = "\(call.t("portal.note.rate", ["date": day(call, t.completion?.at ?? stored.updatedAt)]))"
        case "accept":
            note = "\(call.t("portal.note.accept", ["name": by, "date": at.map { day(call, $0) } ?? ""]))"
        case "answer": note = "\((t.questions.last?.text ?? "").shortened(to: 200))"
        default: note = "\(call.t("portal.note.object"))"
        }
        return """
            <article class="case case-you"><div>\(title(call, t, names))</div><div class="case-side">\
            <p class="turn-line turn-me">\(Icon.arrow)<span>\(call.t("portal.turn.\(task)"))</span></p><p class="muted">\(note)</p>\
            <a class="btn" href="/tickets/\(t.number)?do=\(step.rawValue)#do">\(call.t("portal.do.\(task)"))</a></div></article>
            """
    }

    private static func theirCase(
        _ call: Call, _ stored: StoredTicket, _ names: TicketPeople.Names, _ house: String
    ) -> HTML {
        let t = stored.ticket
        let turn = t.turn()
        var who: String
        if turn.party == .customer {
            who = call.t("portal.with_colleague", ["name": t.requester.flatMap { names.accounts[$0] } ?? ""])
        } else {
            let person = turn.party == .engineer ? t.engineer.flatMap { names.accounts[$0] } : nil
            who = call.t(
                person == nil ? "portal.with_role" : "portal.with_person",
                ["name": person ?? "", "role": call.t(turn.party.nameKey)])
        }
        if turn.party == .nobody { who = call.t("portal.with_house", ["house": house]) }
        var next: HTML = ""
        if let due = stored.clocks.due, let leg = stored.clocks.dueLeg {
            let key = due <= call.now ? "portal.late" : "portal.next"
            next = """
                <p>\(call.t("\(key).\(leg.rawValue)")) <strong class="nowrap">\(Times(call).full(due))</strong></p>
                """
        }
        return """
            <article class="case"><div>\(title(call, t, names))</div><div class="case-side">\
            <p class="turn-line">\(Icon.user)<span>\(who)</span></p>\(next)</div></article>
            """
    }

    private static func draft(_ call: Call, _ stored: StoredTicket) -> HTML {
        let t = stored.ticket
        return """
            <article class="case"><div><h3><a href="/tickets/\(t.number)/edit">\(t.title)</a></h3><p class="m">\(call.t("portal.draft.of", ["date": day(call, stored.updatedAt)]))</p></div>\
            <div class="case-side"><a class="btn" href="/tickets/\(t.number)/edit">\(call.t("portal.draft.go_on"))</a></div></article>
            """
    }

    private static func closedTable(_ call: Call, _ rows: [TicketRow]) -> HTML {
        func verdict(_ v: Verdict?) -> HTML {
            switch v {
            case .met: "<span class=\"tag tag-ok\">\(Icon.check)\(call.t("portal.yes"))</span>"
            case .missed: "<span class=\"tag tag-bad\">\(Icon.x)\(call.t("portal.no"))</span>"
            case .pending, .void, nil: "<span class=\"muted\">–</span>"
            }
        }
        return """
            <section aria-labelledby="closed"><div class="row"><h2 id="closed" class="sec">\(call.t("portal.closed"))</h2>\
            <a class="row-end small" href="/tickets?state=completed%2Carchived&amp;sort=received">\(call.t("portal.closed.all"))</a></div>\
            <div class="table-wrap cards-wrap"><table class="table table-cards"><thead><tr><th scope="col">\(call.t("work.ticket"))</th>\
            <th scope="col">\(call.t("work.state"))</th><th scope="col">\(call.t("portal.reply_in_time"))</th><th scope="col">\(call.t("portal.solution_in_time"))</th></tr></thead>\
            <tbody>\(rows.html { raw in
                let row = raw.named(call.language)
                return """
                    <tr><td class="card-title"><a href="\(WorkParts.path(row))">\(row.title)</a><br><span class="muted small"><span class="num">\(row.number)</span>\(row.siteName.map { " · \($0)" })</span></td>\
                    <td data-label="\(call.t("work.state"))">\(WorkParts.state(call, row.state))</td>\
                    <td data-label="\(call.t("portal.reply_in_time"))">\(verdict(row.clocks.responseVerdict))</td>\
                    <td data-label="\(call.t("portal.solution_in_time"))">\(verdict(row.clocks.solutionVerdict))</td></tr>
                    """
            })</tbody></table></div></section>
            """
    }

    /// Who speaks for the house, by project; and in which zone the times are.
    private static func contact(_ call: Call, _ tx: Transaction) throws -> HTML {
        var people: [AccountID] = []
        for (project, _) in try People.openProjects(tx, limit: 20) {
            let p = try People.people(of: project.id, tx)
            for id in [p.contact, p.deputy].compactMap({ $0 }) where !people.contains(id) {
                people.append(id)
            }
        }
        let named = try People.names(of: people, tx)
        let list = people.prefix(3).compactMap { named[$0] }.joined(separator: ", ")
        let zone = call.t("portal.zone", ["zone": call.zone.identifier])
        let text = list.isEmpty ? zone : call.t("portal.contact", ["name": list]) + " " + zone
        return "<section class=\"panel panel-body line\">\(Icon.phone)<span>\(text)</span></section>"
    }

    private static func day(_ call: Call, _ t: Instant) -> String {
        CivilDate.text(dayNumber: call.zone.wall(t).dayNumber)
    }
}
