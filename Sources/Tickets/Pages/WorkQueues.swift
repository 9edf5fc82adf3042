import Base
import ServiceLevels
import Store
import Web

/// The queues of those who decide, sign, attest and archive: one list each, with what they need to know
/// and one step.
enum WorkQueue: String, CaseIterable, Sendable {
    case decisions, causes, attestations
    case archive = "archive-queue"

    var path: String { "/" + rawValue }

    var role: Role {
        switch self {
        case .decisions: .management
        case .causes: .technicalLead
        case .attestations: .siteLead
        case .archive: .quality
        }
    }

    var step: Step {
        switch self {
        case .decisions: .decision
        case .causes: .cause
        case .attestations: .attestation
        case .archive: .archive
        }
    }

    var icon: Icon {
        switch self {
        case .decisions: .stamp
        case .causes: .wrench
        case .attestations: .shield
        case .archive: .box
        }
    }

    var nameKey: String { "queue.\(rawValue)" }

    /// What is still open is said too, where it follows from the state: open tickets have an index.
    func condition(_ tx: Transaction) -> SQL {
        switch self {
        case .decisions: "t.is_open = 1 and t.state = 'awaiting_decision'"
        case .causes: "t.turn = 'technical_lead' and t.is_open = 1"
        case .attestations:
            """
            t.is_open = 1 and t.state = 'awaiting_evaluation'
              and t.site_id in \(list: tx.actor.sites.map(\.text))
            """
        case .archive: "t.state = 'completed'"
        }
    }

    /// Tickets that wait here; attested ones no longer do, though they still wait for their rating.
    func waiting(_ tx: Transaction) throws -> [StoredTicket] {
        let order: SQL = self == .archive ? "t.closed_at, t.id" : "t.due_at, t.id"
        return try tx.visibleTickets(where: condition(tx), order: order, limit: 200)
            .filter { self != .attestations || $0.ticket.attestation == nil }
            .sorted { (since($0.ticket), $0.ticket.id) < (since($1.ticket), $1.ticket.id) }
    }

    /// Since when it waits here.
    private func since(_ t: Ticket) -> Instant {
        let at: Instant? =
            switch self {
            case .decisions: t.solution?.at
            case .causes: t.respondedAt
            case .attestations: t.completion?.at
            case .archive: t.closure?.at
            }
        return at ?? t.receivedAt ?? t.createdAt
    }
}

extension WorkQueue {
    func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let all = try waiting(tx)
        let names = try TicketPeople.names(all.map(\.ticket), tx)
        let oldest = all.map { since($0.ticket) }.min()
        let lead: HTML =
            if let oldest {
                "\(call.t("queue.lead", ["n": "\(all.count)", "span": Times.span(call.now - oldest)]))"
            } else {
                "\(call.t("queue.none"))"
            }
        var h = WorkParts.head(call.t(nameKey), lead)
        h += "<div class=\"stack-l\"><section id=\"queue\" data-live aria-label=\"\(call.t(nameKey))\">"
        if all.isEmpty {
            h += WorkParts.empty(
                call.t("queue.empty.\(rawValue)"), call.t("queue.empty.hint"),
                "<a class=\"btn\" href=\"/tickets?state=open\">\(call.t("work.empty.all"))</a>")
        } else {
            h +=
                "<h2 class=\"vh\">\(call.t(nameKey))</h2><div class=\"panel\">\(all.html { card(call, $0, names) })</div>"
        }
        h += "</section>"
        if self == .attestations { h += try siteTickets(call, tx) }
        if self == .decisions { h += try WorkTrend.html(call, tx) }
        return try Layout.page(call, tx, title: call.t(nameKey), current: path, h + "</div>")
    }

    private func card(_ call: Call, _ stored: StoredTicket, _ names: TicketPeople.Names) -> HTML {
        let t = stored.ticket
        let waited = Times.span(call.now - since(t))
        let places = [
            t.organization.flatMap { names.organizations[$0] }, t.site.flatMap { names.sites[$0]?.name },
        ]
        .compactMap { $0 }.joined(separator: " · ")
        return """
            <article class="case decide"><div><p class="row small">\(WorkParts.priority(call, t.priority))<span class="num muted">\(t.number)</span>\
            <span class="muted">\(places)</span></p><h3><a href="/tickets/\(t.number)">\(t.title)</a></h3>\(what(call, t, names))</div>\
            <div class="case-side">\(t.cost.map { "<p><strong class=\"big\">\(Money.text($0.minor, $0.currency, isShort: true))</strong></p>" as HTML })\
            <p class="small muted">\(call.t("queue.waited", ["span": waited]))</p>\
            <div class="row"><a class="btn" href="/tickets/\(t.number)?do=\(step.rawValue)#do">\(call.t(step.labelKey))…</a></div></div></article>
            """
    }

    /// What is to be judged: the solution, the problem, the result.
    private func what(_ call: Call, _ t: Ticket, _ names: TicketPeople.Names) -> HTML {
        var lines: [HTML] = []
        func line(_ key: String, _ by: AccountID?, _ text: String) {
            let who = by.flatMap { names.accounts[$0] } ?? ""
            let short = text.count > 240 ? String(text.prefix(240)) + "…" : text
            lines.append("<p class=\"small\"><strong>\(call.t(key, ["name": who]))</strong> \(short)</p>")
        }
        switch self {
        case .decisions:
            if let s = t.solution { line("queue.solution_by", s.by, s.statement) }
            if let c = t.cause { line("queue.cause_by", c.by, c.statement) }
        case .causes:
            line("queue.problem", t.requester, t.description)
        case .attestations:
            if let c = t.completion { line("queue.report_by", c.by, c.report) }
        case .archive:
            if let c = t.cause { line("queue.cause_by", c.by, c.statement) }
            if let s = t.solution { line("queue.solution_by", s.by, s.statement) }
        }
        return lines.html { $0 }
    }

    private func siteTickets(_ call: Call, _ tx: Transaction) throws -> HTML {
        let book = try ServiceLevels.book(tx)
        let rows = try tx.ticketRows(
            where: "t.is_open = 1 and t.site_id in \(list: tx.actor.sites.map(\.text))",
            order: "t.due_at, t.id", limit: 50)
        let lines = rows.map { ($0.named(call.language), WorkClock($0, book, now: call.now)) }
        let body =
            lines.isEmpty
            ? "<p class=\"muted\">\(call.t("queue.site.none"))</p>" : WorkPage.table(call, lines, nil)
        return
            "<section><h2 class=\"sec\">\(call.t("queue.site")) <span class=\"count\">\(lines.count)</span></h2>\(body)</section>"
    }
}
