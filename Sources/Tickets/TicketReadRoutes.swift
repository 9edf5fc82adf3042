import Base
import ServiceLevels
import Store
import Web

/// Reading tickets, and what is not a step: lists, timeline, clocks, search, notices, events.
enum TicketReadRoutes {
    struct SearchInput: Command {
        var q: String
        var paging: Paging
        init(_ read: inout FieldReader) {
            q = read.text("q", max: 200)
            paging = Paging(&read)
        }
    }

    struct PageInput: Command {
        var paging: Paging
        init(_ read: inout FieldReader) {
            paging = Paging(&read)
        }
    }

    static func add(_ routes: inout Routes) {
        routes.get(
            "/tickets",
            .init(
                "List tickets", tag: "tickets", query: TicketFilter.self, answer: .page(TicketRowJSON.shape))
        ) { call, tx in
            var page = try tx.tickets(try call.filter(TicketFilter.self))
            page.items = page.items.map { $0.named(call.language) }
            return .json(page, TicketRowJSON.shape)
        }
        routes.get("/tickets/{id}", .init("One ticket", tag: "tickets", answer: .one(TicketJSON.shape))) {
            call, tx in
            let view = try TicketView.load(call.parameter("id"), tx)
            let version = view.ticket.version
            if call.holds(version) { return Reply(status: 304).tagged(version) }
            return Reply.json(try TicketJSON.model(view, tx), TicketJSON.shape).tagged(version)
        }
        create(&routes)
        routes.get(
            "/tickets/{id}/timeline",
            .init("What happened, oldest first", tag: "tickets", query: PageInput.self)
        ) { call, tx in
            let view = try TicketView.load(call.parameter("id"), tx)
            let input = try call.filter(PageInput.self)
            let list = Listing("timeline", input.paging, narrowedBy: [view.ticket.id.text], call)
            let after = try list.after(1).flatMap { Int64($0[0]) } ?? 0
            let rows = try tx.history(
                of: Subject("ticket", view.ticket.id), publicOnly: !TicketAccess.seesInternal(tx.actor),
                after: after,
                limit: list.asked)
            let page = list.page(rows) { [String($0.number)] }
            return .json(
                .make(["items": .array(page.items.map(timelineItem)), "next_cursor": .of(page.nextCursor)]))
        }
        routes.get(
            "/tickets/{id}/sla",
            .init("Each leg's intervals", tag: "tickets", answer: .any(TicketSchemas.sla))
        ) { call, tx in
            let view = try TicketView.load(call.parameter("id"), tx)
            guard let clock = view.clock else {
                return .json(.make(["policy": .null, "response": .null, "solution": .null]))
            }
            let state = clock.clock.state(at: tx.now)
            func leg(_ leg: Leg) -> JSON {
                let intervals = clock.clock.explanation(of: leg, at: tx.now)
                let left = max(0, intervals.count - Self.mostIntervals)
                return .make([
                    "due_at": .of(state[leg].projectedDue), "verdict": .string(state[leg].verdict.rawValue),
                    "intervals": .array(
                        intervals.suffix(Self.mostIntervals).map {
                            .make([
                                "from": .of($0.from), "to": .of($0.to), "kind": .string($0.kind.rawValue),
                                "reason": .string($0.reason), "counted_s": .of($0.counted.seconds),
                                "total_s": .of($0.total.seconds),
                            ])
                        }),
                    // Earlier stretches that are not told; `total_s` counts them.
                    "left_off": .of(left),
                ])
            }
            return .json(
                .make([
                    "policy": .string("\(clock.policy.id)@\(clock.policy.version)"),
                    "response": leg(.response),
                    "solution": leg(.solution),
                ]))
        }
        search(&routes)
        notices(&routes)
        events(&routes)
        TicketTaskRoutes.add(&routes)
        AttachmentRoutes.add(&routes)
        TicketRating.add(&routes)
        TicketProblems.add(&routes)
    }

    /// Stretches of a leg that are told, the newest.
    static let mostIntervals = 500

    static func timelineItem(_ row: HistoryRow) -> JSON {
        .make([
            "number": .of(row.number), "at": .of(row.at), "by": .of(row.actor?.text),
            "by_name": .string(row.actorName),
            "kind": .string(row.kind), "visibility": .string(row.visibility.rawValue), "data": row.data,
        ])
    }

    private static func create(_ routes: inout Routes) {
        routes.change(
            "POST", "/tickets",
            .init(
                "Enter a ticket", tag: "tickets", body: NewTicket.self, answer: .one(TicketJSON.shape),
                status: 201)
        ) { call, tx in
            try Tickets.mayEnter(tx)
            let view = try Tickets.create(try call.input(NewTicket.self), tx)
            return Reply.json(try TicketJSON.model(view, tx), TicketJSON.shape, status: 201)
                .with("Location", "/api/v1/tickets/\(view.ticket.id)").tagged(view.ticket.version)
        }
        var edit = Route.Doc(
            "Change a draft", tag: "tickets", body: NewTicket.self, answer: .one(TicketJSON.shape))
        edit.needsMatch = true
        routes.change("PUT", "/tickets/{id}", edit) { call, tx in
            let view = try Tickets.edit(call.parameter("id"), checking: call.requireVersion, tx) {
                try call.input(NewTicket.self)
            }
            return Reply.json(try TicketJSON.model(view, tx), TicketJSON.shape)
                .tagged(view.ticket.version)
        }
    }

    private static func search(_ routes: inout Routes) {
        routes.get("/search", .init("Search tickets", tag: "search", query: SearchInput.self)) { call, tx in
            let input = try call.filter(SearchInput.self)
            let list = Listing("search", input.paging, narrowedBy: [input.q], call)
            let before = try list.after(1).map { TicketID($0[0]) }
            let found = try TicketSearch.find(input.q, limit: list.asked, before: before, tx)
            let page = list.page(found.ids) { [$0.text] }
            let rows =
                page.items.isEmpty
                ? []
                : try tx.ticketRows(
                    where: "t.id in \(list: page.items.map(\.text))", order: "t.id desc",
                    limit: page.items.count)
            return .json(
                Page(items: rows.map { $0.named(call.language) }, nextCursor: page.nextCursor),
                TicketRowJSON.shape,
                [
                    "total": .of(found.shownTotal),
                    "total_is_exact": .bool(found.isExact),
                ])
        }
    }

    private static func notices(_ routes: inout Routes) {
        routes.get("/notifications", .init("My notices, newest first", tag: "notices", query: PageInput.self))
        { call, tx in
            let input = try call.filter(PageInput.self)
            let list = Listing("notices", input.paging, call)
            let page = list.page(try Tickets.notices(before: list.after(1)?[0], limit: list.asked, tx)) {
                [$0.id]
            }
            return .json(
                .make([
                    "items": .array(page.items.map { noticeJSON($0, call) }),
                    "next_cursor": .of(page.nextCursor),
                ]))
        }
        routes.change(
            "POST", "/notifications/{id}/acknowledgement",
            .init("Acknowledge", tag: "notices", body: Nothing.self)
        ) {
            call, tx in
            .json(noticeJSON(try Tickets.acknowledge(call.parameter("id"), tx), call))
        }
        routes.form("/notices/{id}/acknowledgement") { call, tx in
            let notice = try Tickets.acknowledge(call.parameter("id"), tx)
            if call.typed("next") == "ticket", let id = notice.ticket { return .redirect("/tickets/\(id)") }
            return .redirect("/notices")
        }
        routes.form("/notices/read") { _, tx in
            try Tickets.markAllRead(tx)
            return .redirect("/notices")
        }
    }

    private static func noticeJSON(_ n: StoredNotice, _ call: Call) -> JSON {
        .make([
            "id": .string(n.id), "kind": .string(n.kind), "ticket_id": .of(n.ticket?.text), "at": .of(n.at),
            "text": .string(call.t("notice." + n.kind, n.arguments)),
            "needs_acknowledgement": .bool(n.needsAcknowledgement),
            "read_at": .of(n.readAt), "acknowledged_at": .of(n.acknowledgedAt),
            "acknowledged_by": .of(n.acknowledgedBy?.text),
        ])
    }

    /// One stream a browser. Each signal is read anew through the listener's rights before it is told:
    /// what they may not see, they do not hear of.
    private static func events(_ routes: inout Routes) {
        routes.free(
            "GET", "/events", surface: .api, .init("Live changes (server-sent events)", tag: "events")
        ) {
            call, kit, _ in
            let credential = Dispatcher.credential(call.headers)
            let (changes, feed) = AsyncStream<JSON>.makeStream(bufferingPolicy: .bufferingNewest(64))
            let place = try kit.streams.enter(call.actor().id?.text ?? "") { feed.finish() }
            let signals = kit.store.hub.listen()
            /// Whoever's session or token has ended, or whose account was disabled, hears no more.
            @Sendable func told(_ signal: Signal?) async {
                let heard = try? await kit.store.read(by: .system("events")) { tx -> (Bool, JSON?) in
                    guard let caller = try kit.gatekeeper.caller(credential, tx) else { return (false, nil) }
                    tx.act(as: caller.actor)
                    return (true, try signal.flatMap { try TicketReadRoutes.seen($0, tx) })
                }
                guard let heard else { return }
                if !heard.0 { feed.finish() }
                if let change = heard.1 { feed.yield(change) }
            }
            let pump = Task {
                for await signal in signals { await told(signal) }
                feed.finish()
            }
            // A right that ends by time, or by another process, gives no signal.
            let watch = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .seconds(20))
                    await told(nil)
                }
            }
            feed.onTermination = { _ in
                pump.cancel()
                watch.cancel()
                kit.streams.leave(place)
            }
            return Reply(
                headers: [("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache")],
                body: .events(changes))
        }
    }

    private static func seen(_ signal: Signal, _ tx: Transaction) throws -> JSON? {
        let s = signal.subject
        switch s.kind {
        case "notices":
            guard s.id == tx.actor.id?.text else { return nil }
            return .make(["kind": "notices", "unread": .of(try Tickets.unreadCount(tx))])
        case "ticket":
            guard
                let row = try tx.first(
                    """
                    select t.number, t.version from ticket t where t.id = \(s.id)
                      and \(TicketAccess.visible(to: tx.actor))
                    """, { ($0.text(), $0.int()) })
            else { return nil }
            return .make([
                "kind": "ticket", "id": .string(s.id), "number": .string(row.0), "version": .int(row.1),
            ])
        case Signal.everything.subject.kind: return .make(["all": true])
        default: return nil
        }
    }
}
