import Base
import People
import Store
import Web

/// Reservations: the list, a new one, and what may be done with one.
enum ReservationPages {
    static func routes(_ routes: inout Routes, _ neighbours: InventoryNeighbours) {
        let again: @Sendable (Call, Transaction) throws -> Reply = { call, tx in try new(call, tx) }
        InventoryPages.page("/stock/reservations", &routes) { call, tx in try list(call, tx) }
        InventoryPages.page("/stock/reservations/new", &routes) { call, tx in
            guard tx.actor.hasAny(Inventory.reservers) else { throw Failure.forbidden() }
            return try new(call, tx)
        }
        InventoryPages.form("/stock/reservations", &routes, again: again) { call, tx in
            guard tx.actor.hasAny(Inventory.reservers) else { throw Failure.forbidden() }
            let input: ReservationInput = try read(call, tx).input()
            let ticket = try input.ticket.map { try neighbours.ticket($0, tx) }
            let made = try Inventory.reserve(input, ticket: ticket, tx)
            let done = made.state == .waiting ? "reservation_waits" : "reservation_made"
            return .redirect("/stock/reservations/\(made.number)?done=\(done)")
        }
        InventoryPages.page("/stock/reservations/{id}", &routes) { call, tx in try one(call, tx) }
        InventoryPages.form("/stock/reservations/{id}/release", &routes, again: one) { call, tx in
            let old = try Inventory.reservation(of: call, tx)
            try Inventory.requireReleaser(old, tx)
            let r = try Inventory.release(old, tx)
            return .redirect("/stock/reservations/\(r.number)?done=reservation_released")
        }
        InventoryPages.form("/stock/reservations/{id}/approval", &routes, again: one) { call, tx in
            let r = try Inventory.preempt(Inventory.reservation(of: call, tx), neighbours, tx)
            return .redirect("/stock/reservations/\(r.number)?done=reservation_approved")
        }
    }

    static func state(_ r: Reservation, _ call: Call) -> HTML {
        let style: HTML =
            switch r.state {
            case .waiting: " tag-warn"
            case .active: " tag-accent"
            case .used: " tag-ok"
            case .released, .expired, .preempted: ""
            }
        return "<span class=\"tag\(style)\">\(call.t("stock.reservation.\(r.state.rawValue)"))</span>"
    }

    // MARK: List

    private static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        let query = try call.filter(ReservationQuery.self)
        let found = try Inventory.reservationPage(query, call, tx)
        let isPlain =
            query.state == nil && query.place == nil && query.part == nil && query.paging.cursor == nil
        let waiting = try (isPlain ? StockWaiting.reservations(tx) : nil).map {
            try tx.reservations($0, order: "r.id", limit: 20)
        }
        let waits = Set((waiting ?? []).map(\.id))
        let others = found.items.filter { !waits.contains($0.id) }
        let table = try Table(found.items + (waiting ?? []), call, tx)
        let title = call.t("stock.reservations")
        let add = HTML.when(
            tx.actor.hasAny(Inventory.reservers),
            Parts.link("/stock/reservations/new", call.t("stock.reservation.new"), .plus, primary: true))
        let states = Reservation.State.allCases.map {
            ($0.rawValue, call.t("stock.reservation.\($0.rawValue)"))
        }
        let all: HTML =
            found.items.isEmpty
            ? Parts.empty(
                call.t(isPlain ? "stock.reservations.none" : "stock.none.filter"),
                call.t(isPlain ? "stock.reservations.none.hint" : "stock.none.filter.hint"),
                isPlain ? "" : Parts.link("/stock/reservations", call.t("stock.all")))
            : (others.isEmpty ? "" : table.html(others, title))
                + Parts.pager(call, next: found.nextCursor)
        return try Layout.page(
            call, tx, title: title, current: "/stock/reservations",
            """
            \(Parts.head(title, lead: call.t("stock.reservations.lead"), add))\
            <form class="filters" method="get" action="/stock/reservations" role="search">\
            \(query.part.map { "<input type=\"hidden\" name=\"part\" value=\"\($0)\">" } ?? "" as HTML)\
            \(Parts.filter(call, "state", call.t("stock.reservation.state"), states))\(Parts.filter(call, "place", call.t("stock.f.place"), try PlaceChoice(tx).options(call)))\
            <button class="btn" type="submit">\(Icon.search)\(call.t("search"))</button></form>\
            \((waiting ?? []).isEmpty ? "" as HTML : """
                <section class="stack doc-waiting"><h2 class="sec">\(call.t("stock.waiting")) <span class="count">\(waits.count)</span></h2>\(table.html(waiting ?? [], call.t("stock.waiting")))</section>\
                \(HTML.when(!others.isEmpty, "<h2 class=\"sec\">\(call.t("stock.reservations.others"))</h2>"))
                """)\(all)
            """)
    }

    private struct Table {
        let call: Call
        var names: StockNames
        let people: [AccountID: String]

        init(_ all: [Reservation], _ call: Call, _ tx: Transaction) throws {
            self.call = call
            names = StockNames(call)
            try names.read(parts: all.map(\.part), tx)
            try names.read(places: all.map(\.place), tx)
            people = try People.names(of: all.compactMap(\.createdBy), tx)
        }

        func html(_ all: [Reservation], _ caption: String) -> HTML {
            let fields = ["number", "part", "quantity", "place", "ticket_id", "until", "who"]
            return Parts.table(
                caption, fields.map { call.t("stock.f.\($0)") } + [call.t("stock.reservation.state")],
                numbers: [2], all.html(row))
        }

        private func row(_ r: Reservation) -> HTML {
            """
            <tr><td class="card-title"><a class="title sn" href="/stock/reservations/\(r.number)">\(r.number)</a><br><span class="tiny muted">\(r.priority.rawValue)</span></td>\
            <td data-label="\(call.t("stock.f.part"))"><span>\(names.partCell(r.part))</span></td>\
            <td class="n" data-label="\(call.t("stock.f.quantity"))">\(StockWords.quantity(r.quantity)) \(names.parts[r.part].map { StockWords.unit($0, call) })</td>\
            <td data-label="\(call.t("stock.f.place"))">\(names.placeCell(r.place))</td>\
            <td data-label="\(call.t("stock.f.ticket_id"))">\(r.ticket.map { StockWords.ticket($0, call) } ?? "" as HTML)</td>\
            <td data-label="\(call.t("stock.f.until"))">\(r.until.map { Times(call).short($0) } ?? "" as HTML)</td>\
            <td data-label="\(call.t("stock.f.who"))">\(r.createdBy.flatMap { people[$0] } ?? call.t("history.system"))</td>\
            <td data-label="\(call.t("stock.reservation.state"))">\(state(r, call))</td></tr>
            """
        }
    }

    // MARK: New

    /// A part is typed by its number.
    private static func read(_ call: Call, _ tx: Transaction) throws -> Call {
        try StockDraftForm.Scan.filled(call, unknown: "field.no_such", tx)
    }

    private static func new(_ call: Call, _ tx: Transaction) throws -> Reply {
        let form = Form(call)
        let title = call.t("stock.reservation.new")
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        let part = try (call.typed("part_id") ?? call.queryValue("part")).flatMap { try tx.part($0) }
        let choice = try PlaceChoice(tx)
        let successor = try StockSuccessor.find(
            call, of: part, path: "/stock/reservations/new",
            ["place_id", "quantity", "priority", "until", "ticket_id", "reason"], tx)
        return try Layout.page(
            call, tx, title: title, current: "/stock/reservations", scripts: ["scan.js"],
            """
            \(Parts.head(title, lead: call.t("stock.reservation.new.lead"), crumbs: [("/stock/reservations", call.t("stock.reservations"))]))\
            \(form.summary)\(successor)\(form.open("/stock/reservations"))\
            \(ScanField.html(call, "part_id", t("part_number"), value: part?.number, required: true))\
            \(form.select("place_id", t("place"), choice.options(call), value: call.queryValue("place_id") ?? choice.own(tx.actor)?.id.text, empty: call.t("form.choose")))\
            \(form.text("quantity", t("quantity"), value: call.queryValue("quantity") ?? "1", width: "w-s", required: true, inputMode: "numeric", mark: "data-scan-next"))\
            \(form.text("serial", t("serial"), isSerial: true))\
            \(form.text("ticket_id", t("ticket_id"), value: call.queryValue("ticket_id"), width: "w-m", isSerial: true))\
            \(form.select("priority", t("priority"), Reservation.Priority.allCases.map { ($0.rawValue, $0.rawValue) }, value: call.queryValue("priority") ?? "P3", width: "w-s"))\
            \(form.moment("until", t("until"), value: call.queryValue("until"), hint: call.t("stock.reservation.until.hint", ["zone": call.placeName(call.zone)])))\
            \(form.area("reason", call.t("form.reason"), value: call.queryValue("reason"), rows: 2))\
            \(form.box("preempt", call.t("stock.reservation.preempt")))\
            <div class="row">\(form.submit(call.t("stock.reservation.make")))<a class="btn" href="/stock/reservations">\(call.t("form.cancel"))</a></div></form>
            """)
    }

    // MARK: One

    private static func one(_ call: Call, _ tx: Transaction) throws -> Reply {
        let r = try Inventory.reservation(of: call, tx)
        var names = StockNames(call)
        try names.read(parts: [r.part], tx)
        try names.read(places: [r.place], tx)
        let held = try tx.reserved(by: [r.id.text])
        let who = try People.names(of: [r.createdBy].compactMap { $0 }, tx)
        let unit = names.parts[r.part].map { StockWords.unit($0, call) } ?? ""
        var facts: [(String, HTML)] = []
        func add(_ key: String, _ value: HTML?) {
            if let value { facts.append((call.t("stock.f.\(key)"), value)) }
        }
        add("part", names.partCell(r.part))
        add("quantity", "\(StockWords.quantity(r.quantity)) \(unit)")
        add("used", r.used > 0 ? "\(StockWords.quantity(r.used)) \(unit)" : nil)
        add("place", names.placeLink(r.place))
        add("priority", "\(r.priority.rawValue)")
        add("until", r.until.map { Times(call).full($0) })
        add("ticket_id", r.ticket.map { StockWords.ticket($0, call) })
        add("who", "\(r.createdBy.flatMap { who[$0] } ?? call.t("history.system"))")
        add("at", Times(call).full(r.createdAt))
        add("ended", r.endedAt.map { Times(call).full($0) })
        if let reason = r.reason { facts.append((call.t("form.reason"), "\(reason)")) }
        let holds: HTML =
            held.isEmpty
            ? "<p class=\"muted\">\(call.t("stock.reservation.holds.none"))</p>"
            : Parts.table(
                call.t("stock.reservation.holds"),
                ["place", "batch_serial", "quantity"].map { call.t("stock.f.\($0)") }, numbers: [2],
                held.html { h in
                    """
                    <tr><td class="card-title">\(names.place(h.key.place))</td>\
                    <td data-label="\(call.t("stock.f.batch_serial"))">\(names.mark(batch: h.key.batch, serial: h.key.serial))</td>\
                    <td class="n" data-label="\(call.t("stock.f.quantity"))">\(StockWords.quantity(h.quantity))</td></tr>
                    """
                })
        return try Layout.page(
            call, tx, title: r.number, current: "/stock/reservations",
            """
            \(Parts.head(call.t("stock.reservation") + " " + r.number, crumbs: [("/stock/reservations", call.t("stock.reservations"))], state(r, call)))\
            \(Form(call).summary)<div class="split-wide"><div class="stack-l">\(Parts.panel(call.t("stock.facts"), Parts.facts(facts)))\
            \(Parts.panel(call.t("stock.reservation.holds"), holds))</div>\
            <aside class="stack-l">\(try steps(r, call, tx))\(try Parts.history(of: Subject("stock_reservation", r.id), call, tx))</aside></div>
            """)
    }

    private static func steps(_ r: Reservation, _ call: Call, _ tx: Transaction) throws -> HTML {
        guard r.state == .active || r.state == .waiting else { return "" }
        let path = "/stock/reservations/\(r.number)"
        var h = HTML()
        func button(_ step: String, _ style: String) -> HTML {
            """
            <form method="post" action="\(path)/\(step)">\(Layout.token(call))<button class="btn\(style)" type="submit">\(call.t("stock.reservation.step.\(step)"))</button></form>
            """
        }
        let isOwn = tx.actor.id != nil && r.createdBy == tx.actor.id
        if r.state == .waiting {
            if tx.actor.has(.serviceManager), !isOwn { h += button("approval", " btn-primary") }
            h += "<p class=\"muted small\">\(call.t("stock.reservation.waits"))</p>"
        } else if StockDraftForm.kinds(tx.actor).contains(.issue) {
            var fields: [FormBody.Field] = [
                .init("kind", "issue"), .init("part", r.part.text), .init("place_id", r.place.text),
                .init("quantity", String(r.quantity - r.used)),
            ]
            if let ticket = r.ticket { fields.append(.init("ticket_id", ticket.number)) }
            // What is kept for nobody's ticket is let go before it can be issued.
            if r.ticket != nil {
                h += Parts.link(
                    "/stock/documents/new?" + FormBody(fields).encoded, call.t("stock.reservation.issue"),
                    .swap, primary: true)
            }
        }
        if (try? Inventory.requireReleaser(r, tx)) != nil { h += button("release", "") }
        return h.isEmpty ? "" : Parts.panel(call.t("stock.next"), h, id: "next")
    }
}
