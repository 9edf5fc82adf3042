import Base
import ServiceLevels
import Store
import Web

/// The rating by a one-time link: whoever holds it speaks for the requester, once.
enum TicketRating {
    /// As long as a late answer is taken.
    static let lives = Span.days(44)

    /// A new link for the present cycle; earlier ones of it end. The secret itself is not kept.
    static func makeLink(_ ticket: Ticket, _ tx: Transaction) throws -> String {
        let token = Secrets.token()
        try tx.run("delete from rating_link where ticket_id = \(ticket.id) and used_at is null")
        try tx.run(
            """
            insert into rating_link (token_hash, ticket_id, cycle, created_at, expires_at, made_by, made_by_name)
            values (\(Secrets.tokenHash(token)), \(ticket.id), \(ticket.cycle), \(tx.now), \(tx.now + lives),
              \(tx.actor.id), \(tx.actor.name))
            """)
        return token
    }

    /// The ticket behind a link that is still good.
    static func open(_ token: String, _ tx: Transaction) throws -> TicketView {
        let id = try tx.first(
            """
            select l.ticket_id from rating_link l join ticket t on t.id = l.ticket_id and t.cycle = l.cycle
            where l.token_hash = \(Secrets.tokenHash(token)) and l.used_at is null and l.expires_at > \(tx.now)
            """
        ) { $0.id(TicketKind.self) }
        guard let id, let stored = try tx.storedTicket(id) else { throw Failure.notFound("rating.link") }
        let events = try tx.clockEvents(id, cycle: stored.ticket.cycle)
        var view = TicketView(
            stored: stored, events: events, book: try ServiceLevels.book(tx),
            context: RuleContext(settings: try TicketHouse.settings(tx)))
        view.context.relation = .requester
        return view
    }

    /// Who made the link, for the rating to say so.
    private static func maker(_ token: String, _ tx: Transaction) throws -> RatingLink {
        let made = try tx.first(
            "select made_by, made_by_name from rating_link where token_hash = \(Secrets.tokenHash(token))"
        ) { RatingLink(madeBy: $0.idOrNil(), madeByName: $0.textOrNil()) }
        return made ?? RatingLink()
    }

    /// Records the rating and ends the link, in one commit.
    static func rate(_ token: String, _ rating: Rating, _ tx: Transaction) throws -> TicketView {
        let view = try open(token, tx)
        var rating = rating
        rating.link = try maker(token, tx)
        tx.act(as: Actor(id: nil, name: view.ticket.requesterName ?? "link:rating", isStaff: false))
        try view.ticket.permit(.evaluation, tx.actor, view.context, at: tx.now)
        let outcome = try view.ticket.taking(
            .evaluation(rating), by: tx.actor, context: view.context, at: tx.now)
        try tx.run(
            "update rating_link set used_at = \(tx.now) where token_hash = \(Secrets.tokenHash(token))")
        return try Tickets.apply(outcome, to: view, tx)
    }

    /// Who may make the link: the service manager and the lead of the ticket's site, who did not work on
    /// it, for whoever holds the link can rate. 403 `forbidden.role`, `ticket.own_work`; 409
    /// `rating.not_due`.
    static func permitLink(_ ticket: Ticket, _ actor: Actor) throws(Failure) {
        let isLead = actor.has(.siteLead) && ticket.site.map { actor.sites.contains($0) } ?? false
        guard actor.isStaff, actor.has(.serviceManager) || isLead else { throw .forbidden("forbidden.role") }
        if let me = actor.id, ticket.workers.contains(me) {
            throw Failure(.forbidden, "ticket.own_work", ["step": Strings.named(Step.evaluation.nameKey)])
        }
        guard ticket.state == .awaitingEvaluation, ticket.evaluation == nil else {
            throw .conflict("rating.not_due")
        }
    }

    struct LinkModel: Sendable { var path: String }
    static let shape = Shape<LinkModel>("RatingLink", [.text("path") { $0.path }])

    static func add(_ routes: inout Routes) {
        // They hand the link over, on paper or by mail.
        routes.step(
            "/tickets/{id}/rating-link",
            .init(
                "Make the one-time link for the rating", tag: "tickets", body: Nothing.self,
                answer: .one(shape), status: 201), again: TicketPage.show
        ) { call, tx in
            let view = try TicketView.load(call.parameter("id"), tx)
            try permitLink(view.ticket, tx.actor)
            let token = try makeLink(view.ticket, tx)
            try tx.record(Fact("ticket.rating_link", Subject("ticket", view.ticket.id)))
            if call.surface == .page { return try PortalRating.link(token, view.ticket, call, tx) }
            return Reply.json(shape.json(LinkModel(path: "/e/\(token)")), status: 201).secret
        }
        routes.form("/e/{token}", door: .everyone, again: PortalRating.page) { call, tx in
            let view = try open(call.parameter("token"), tx)
            _ = try rate(call.parameter("token"), try call.input(EvaluationInput.self).rating, tx)
            return .redirect("/e/thanks?number=\(view.ticket.number)")
        }
    }
}
