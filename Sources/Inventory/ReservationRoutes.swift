import Base
import Store
import Web

struct ReservationQuery: Command {
    var part: PartID?
    var place: PlaceID?
    var state: Reservation.State?
    var paging: Paging
    init(_ read: inout FieldReader) {
        part = read.optionalID("part")
        place = read.optionalID("place")
        state = read.optionalChoice("state")
        paging = Paging(&read)
    }
}

extension StockJSON {
    static let reservation = Shape<Reservation>(
        "Reservation",
        [
            .text("id") { $0.id.text }, .text("number") { $0.number }, .text("part_id") { $0.part.text },
            .text("place_id") { $0.place.text }, .int("quantity") { $0.quantity },
            .int("used") { $0.used }, .choice("priority") { $0.priority }, .choice("state") { $0.state },
            .time("until") { $0.until }, .optionalText("ticket_id") { $0.ticket?.id.text },
            .optionalText("ticket_number") { $0.ticket?.number }, .optionalText("reason") { $0.reason },
            .optionalText("created_by") { $0.createdBy?.text }, .time("created_at") { $0.createdAt },
            .time("ended_at") { $0.endedAt }, .int("version") { $0.version },
        ])

    static let period = Shape<StockPeriod>(
        "StockPeriod",
        [
            .text("month") { $0.name }, .bool("is_open") { $0.isOpen }, .time("changed_at") { $0.changedAt },
            .optionalText("changed_by") { $0.changedBy?.text }, .optionalText("reason") { $0.reason },
            .int("version") { $0.version },
        ])

    static let year = Shape<StockYear>(
        "ValuationYear",
        [
            .int("year") { Int64($0.year) }, .choice("method") { $0.method },
            .time("changed_at") { $0.changedAt },
        ])

    static let proposal = Shape<(OrderProposal, Bool)>(
        "OrderProposal",
        [
            .text("part_id") { $0.0.part.id.text }, .text("part_number") { $0.0.part.number },
            .text("place_id") { $0.0.place.text }, .int("minimum") { $0.0.minimum },
            .int("target") { $0.0.target }, .int("available") { $0.0.available },
            .int("incoming") { $0.0.incoming }, .int("quantity") { $0.0.quantity },
            .optionalText("supplier_id") { $0.0.part.supplier?.text },
            .int("lead_time_days") { $0.0.part.leadTimeDays },
            .int("price_minor") { $0.1 ? $0.0.part.priceMinor : nil },
        ])

    static let substitute = Shape<Substitute>(
        "Substitute",
        [
            .text("part_id") { $0.part.id.text }, .text("number") { $0.part.number },
            .text("name") { $0.part.name }, .int("available") { $0.available },
        ])

    static let returned = Shape<(ReturnedPart, Bool)>(
        "ReturnedPart",
        [
            .text("number") { $0.0.number }, .text("document_id") { $0.0.document.text },
            .text("document_number") { $0.0.documentNumber }, .choice("state") { $0.0.state },
            .text("part_id") { $0.0.part.text }, .optionalText("serial") { $0.0.serial.orNil },
            .int("quantity") { $0.0.quantity }, .optionalText("owner_id") { $0.0.owner.orNil },
            .optionalText("ticket_id") { $0.0.ticket?.id.text },
            .optionalText("ticket_number") { $0.0.ticket?.number },
            .optionalText("reason") { $0.0.reason }, .optionalText("condition") { $0.0.condition },
            .choice("disposition") { $0.0.disposition },
            .optionalText("due_on") { $0.0.dueOn.map { CivilDate.text(dayNumber: $0) } },
            .optionalText("replacement_serial") { $0.0.replacementSerial },
            .optionalText("replacement_document") { $0.0.replacementDocument },
            .int("cost_minor") { $0.1 ? $0.0.costMinor : nil },
        ])
}

extension Inventory {
    static func reservationRoutes(_ routes: inout Routes, _ neighbours: InventoryNeighbours) {
        let one = AnswerSchema.one(StockJSON.reservation)
        @Sendable func answer(_ r: Reservation) -> Reply {
            Reply.json(r, StockJSON.reservation).tagged(r.version)
        }
        read(
            "/reservations",
            .init(
                "Reservations, the newest first", tag: "reservations", query: ReservationQuery.self,
                answer: .page(StockJSON.reservation)), &routes
        ) { call, tx in
            try Reply.json(
                reservationPage(call.filter(ReservationQuery.self), call, tx), StockJSON.reservation)
        }
        read("/reservations/{id}", .init("A reservation", tag: "reservations", answer: one), &routes) {
            call, tx in
            answer(try reservation(of: call, tx))
        }
        write(
            "POST", "/reservations",
            .init(
                "Keep stock for somebody", tag: "reservations", body: ReservationInput.self, answer: one,
                status: 201), &routes
        ) { call, tx in
            guard tx.actor.hasAny(reservers) else { throw Failure.forbidden() }
            let input = try call.input(ReservationInput.self)
            let ticket = try input.ticket.map { try neighbours.ticket($0, tx) }
            let made = try reserve(input, ticket: ticket, tx)
            return Reply.created(
                StockJSON.reservation.json(made), at: "/api/v1/reservations/\(made.id.text)"
            ).tagged(made.version)
        }
        write(
            "POST", "/reservations/{id}/release",
            .init("Give back what is kept", tag: "reservations", answer: one), &routes
        ) { call, tx in
            let old = try reservation(of: call, tx)
            try requireReleaser(old, tx)
            return answer(try release(old, tx))
        }
        write(
            "POST", "/reservations/{id}/approval",
            .init("Let a P1 take what lower priorities hold", tag: "reservations", answer: one), &routes
        ) { call, tx in
            answer(try preempt(reservation(of: call, tx), neighbours, tx))
        }
    }

    /// Reservations, the newest first.
    static func reservationPage(_ query: ReservationQuery, _ call: Call, _ tx: Transaction) throws
        -> Page<Reservation>
    {
        let list = Listing(
            "reservations", query.paging,
            narrowedBy: [query.part?.text, query.place?.text, query.state?.rawValue], call)
        var conditions: [SQL] = ["1 = 1"]
        if let k = try list.after(1) { conditions.append("r.id < \(k[0])") }
        if let part = query.part { conditions.append("r.part_id = \(part)") }
        if let place = query.place { conditions.append("r.place_id = \(place)") }
        if let state = query.state { conditions.append("r.state = \(state)") }
        return list.page(
            try tx.reservations(conditions.joined(" and "), order: "r.id desc", limit: list.asked)
        ) { [$0.id.text] }
    }

    static func reservation(of call: Call, _ tx: Transaction) throws -> Reservation {
        guard let r = try tx.reservation(call.parameter("id")) else { throw Failure.notFound() }
        return r
    }

    static func accountRoutes(_ routes: inout Routes) {
        read(
            "/periods", .init("Closed months", tag: "periods", answer: .page(StockJSON.period)), &routes
        ) { _, tx in
            try Reply.json(Page(items: periods(tx), nextCursor: nil), StockJSON.period)
        }
        write(
            "POST", "/periods",
            .init(
                "Close a month", tag: "periods", body: PeriodInput.self, answer: .one(StockJSON.period),
                status: 201), &routes
        ) { call, tx in
            try requireBookkeeper(tx)
            let period = try setPeriod(
                call.input(PeriodInput.self).month, isOpen: false, reason: nil, tx)
            return Reply.created(StockJSON.period.json(period), at: "/api/v1/periods")
        }
        write(
            "POST", "/periods/{month}/reopening",
            .init(
                "Open a month again", tag: "periods", body: ReasonInput.self, answer: .one(StockJSON.period)),
            &routes
        ) { call, tx in
            guard let month = PeriodInput.month(call.parameter("month")) else { throw Failure.notFound() }
            try requireBookkeeper(tx)
            let reason = try call.input(ReasonInput.self).reason
            return Reply.json(
                try setPeriod(month, isOpen: true, reason: reason, tx), StockJSON.period)
        }
        read(
            "/valuation-years",
            .init("How years are valued", tag: "periods", answer: .page(StockJSON.year)), &routes
        ) { _, tx in
            try Reply.json(Page(items: years(tx), nextCursor: nil), StockJSON.year)
        }
        write(
            "POST", "/valuation-years",
            .init(
                "Choose how a year is valued", tag: "periods", body: YearInput.self,
                answer: .one(StockJSON.year), status: 201), &routes
        ) { call, tx in
            try requireBookkeeper(tx)
            let input = try call.input(YearInput.self)
            let year = try setYear(input.year, input.method ?? .movingAverage, tx)
            return Reply.created(StockJSON.year.json(year), at: "/api/v1/valuation-years")
        }
    }

    static func supplyRoutes(_ routes: inout Routes) {
        read(
            "/order-proposals",
            .init(
                "What has fallen below its minimum", tag: "stock", query: BalanceQuery.self,
                answer: .page(StockJSON.proposal)), &routes
        ) { call, tx in
            let query = try call.filter(BalanceQuery.self)
            let sees = StockAccess.seesValues(tx.actor)
            return Reply.json(
                try proposalPage(query.place, query.paging, call, tx).map { ($0, sees) }, StockJSON.proposal)
        }
        read(
            "/parts/{id}/substitutes",
            .init("What succeeds a part", tag: "parts", answer: .page(StockJSON.substitute)), &routes
        ) { call, tx in
            try Reply.json(
                Page(items: substitutes(part(of: call, tx), tx), nextCursor: nil), StockJSON.substitute)
        }
        read(
            "/rmas",
            .init(
                "What came back, the newest first", tag: "returns", query: DocumentQuery.self,
                answer: .page(StockJSON.returned)), &routes
        ) { call, tx in
            let query = try call.filter(DocumentQuery.self)
            let list = Listing(
                "rmas", query.paging,
                narrowedBy: [query.state?.rawValue, query.place?.text, query.ticket], call)
            var conditions: [SQL] = ["1 = 1"]
            if let state = query.state { conditions.append("d.state = \(state)") }
            if let place = query.place { conditions.append("d.place_id = \(place)") }
            if let ticket = query.ticket {
                conditions.append(
                    TicketID.hasShape(ticket) ? "d.ticket_id = \(ticket)" : "d.ticket_number = \(ticket)")
            }
            let found = try returned(
                conditions.joined(" and "), after: list.after(1)?[0], limit: list.asked, tx)
            let sees = StockAccess.seesValues(tx.actor)
            return Reply.json(list.page(found) { [$0.number] }.map { ($0, sees) }, StockJSON.returned)
        }
        read(
            "/rmas/{id}", .init("A returned part", tag: "returns", answer: .one(StockJSON.returned)), &routes
        ) {
            call, tx in
            Reply.json((try returned(of: call, tx), StockAccess.seesValues(tx.actor)), StockJSON.returned)
        }
        write(
            "POST", "/rmas/{id}/disposition",
            .init(
                "Say what becomes of a returned part", tag: "returns", body: DispositionInput.self,
                answer: .one(StockJSON.returned)), &routes
        ) { call, tx in
            let old = try returned(of: call, tx)
            guard tx.actor.hasAny(Roles([.keeper, .quality])) else { throw Failure.forbidden() }
            try dispose(old, call.input(), tx)
            return Reply.json(
                (try returned(of: call, tx), StockAccess.seesValues(tx.actor)), StockJSON.returned)
        }
    }

    private static func returned(of call: Call, _ tx: Transaction) throws -> ReturnedPart {
        guard let found = try returned("l.rma = \(call.parameter("id"))", after: nil, limit: 1, tx).first
        else { throw Failure.notFound() }
        return found
    }
}
