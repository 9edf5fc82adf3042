import Base
import People
import Store
import Web

struct ConcessionInput: Command {
    var batch: String
    var until: Int?
    var reason: String
    init(_ read: inout FieldReader) {
        batch = read.identifier("batch") ?? ""
        if batch.isEmpty { read.fault("batch", "field.required") }
        until = read.optionalDay("until")
        if until == nil { read.fault("until", "field.required") }
        reason = read.text("reason", max: 500)
    }
}

// Parts, places, batches.
extension Inventory {
    static func catalogueRoutes(_ routes: inout Routes) {
        read(
            "/parts",
            .init("Parts by number", tag: "parts", query: CatalogueQuery.self, answer: .page(StockJSON.part)),
            &routes
        ) { call, tx in
            let page = try partPage(call.filter(), call, tx)
            return try Reply.json(
                Page(items: whole(page.items, tx), nextCursor: page.nextCursor), StockJSON.part)
        }
        read("/parts/{id}", .init("A part", tag: "parts", answer: .one(StockJSON.part)), &routes) {
            call, tx in
            let part = try part(of: call, tx)
            return try Reply.json(whole(part, tx), StockJSON.part).tagged(part.version)
        }
        write(
            "POST", "/parts",
            .init(
                "Add a part", tag: "parts", body: PartInput.self, answer: .one(StockJSON.part), status: 201),
            &routes
        ) { call, tx in
            try StockAccess.requireKeeper(tx)
            let made = try add(call.input(PartInput.self), tx)
            return try Reply.created(
                StockJSON.part.json(whole(made, tx)), at: "/api/v1/parts/\(made.id.text)"
            ).tagged(made.version)
        }
        write(
            "PATCH", "/parts/{id}",
            .init("Change a part", tag: "parts", body: PartInput.self, answer: .one(StockJSON.part)), &routes
        ) { call, tx in
            let old = try part(of: call, tx)
            try StockAccess.requireKeeper(tx)
            try call.requireVersion(old.version)
            let new = try change(old, call.input(PartInput.self), tx)
            return try Reply.json(whole(new, tx), StockJSON.part).tagged(new.version)
        }
        placeRoutes(&routes)
        batchRoutes(&routes)
    }

    private static func placeRoutes(_ routes: inout Routes) {
        read(
            "/places",
            .init(
                "Places by name", tag: "places", query: CatalogueQuery.self, answer: .page(StockJSON.place)),
            &routes
        ) { call, tx in
            try Reply.json(placePage(call.filter(), call, tx), StockJSON.place)
        }
        read("/places/{id}", .init("A place", tag: "places", answer: .one(StockJSON.place)), &routes) {
            call, tx in
            let place = try place(of: call, tx)
            return Reply.json(place, StockJSON.place).tagged(place.version)
        }
        write(
            "POST", "/places",
            .init(
                "Add a place", tag: "places", body: PlaceInput.self, answer: .one(StockJSON.place),
                status: 201), &routes
        ) { call, tx in
            try StockAccess.requireKeeper(tx)
            let made = try add(call.input(PlaceInput.self), tx)
            return Reply.created(StockJSON.place.json(made), at: "/api/v1/places/\(made.id.text)")
                .tagged(made.version)
        }
        write(
            "PATCH", "/places/{id}",
            .init("Change a place", tag: "places", body: PlaceInput.self, answer: .one(StockJSON.place)),
            &routes
        ) { call, tx in
            let old = try place(of: call, tx)
            try StockAccess.requireKeeper(tx)
            try call.requireVersion(old.version)
            let new = try change(old, call.input(PlaceInput.self), tx)
            return Reply.json(new, StockJSON.place).tagged(new.version)
        }
    }

    private static func batchRoutes(_ routes: inout Routes) {
        read(
            "/parts/{id}/batches",
            .init("The batches of a part", tag: "parts", answer: .page(StockJSON.batch)), &routes
        ) { call, tx in
            let part = try part(of: call, tx)
            return try Reply.json(Page(items: tx.batches([part.id]), nextCursor: nil), StockJSON.batch)
        }
        write(
            "POST", "/parts/{id}/concessions",
            .init(
                "Let an expired batch be used until a day", tag: "parts", body: ConcessionInput.self,
                answer: .one(StockJSON.batch)), &routes
        ) { call, tx in
            try Reply.json(conceded(call, tx), StockJSON.batch)
        }
    }

    /// A batch by its name, which may hold whatever a maker prints: it comes as a field, not in the path.
    static func conceded(_ call: Call, _ tx: Transaction) throws -> StockBatch {
        let part = try part(of: call, tx)
        try StockAccess.require(.quality, in: tx)
        let input = try call.input(ConcessionInput.self)
        guard let batch = try tx.batches([part.id]).first(where: { $0.batch == input.batch }) else {
            throw Failure.invalid("batch", "field.no_such")
        }
        return try concede(batch, until: input.until ?? 0, reason: input.reason, tx)
    }

    /// Quality lets an expired batch be used for some time, two years at most.
    static func concede(_ batch: StockBatch, until: Int, reason: String, _ tx: Transaction) throws
        -> StockBatch
    {
        try StockAccess.require(.quality, in: tx)
        let house = try Settings.current(.houseTimeZone, at: tx.now, tx).string
        let day = today(house ?? "UTC", tx)
        let last = StockDay.adding(months: 24, to: day)
        guard until > day, until <= last else {
            throw Failure.invalid("until", "stock.concession_until", ["day": CivilDate.text(dayNumber: last)])
        }
        var new = batch
        new.concessionUntil = until
        new.concessionReason = reason
        new.concessionBy = tx.actor.id
        new.concessionAt = tx.now
        try tx.update(new)
        try tx.record(
            Fact(
                "stock.concession", Subject("part", batch.part),
                data: .make([
                    "batch": .string(batch.batch), "until": .string(CivilDate.text(dayNumber: until)),
                    "reason": .string(reason),
                ])))
        return new
    }

    static func part(of call: Call, _ tx: Transaction) throws -> Part {
        guard let part = try tx.part(call.parameter("id")) else { throw Failure.notFound() }
        return part
    }

    static func place(of call: Call, _ tx: Transaction) throws -> StockPlace {
        guard let place = try tx.place(call.id()) else { throw Failure.notFound() }
        return place
    }

    static func whole(_ part: Part, _ tx: Transaction) throws -> StockJSON.WholePart {
        try whole([part], tx).first
            ?? StockJSON.WholePart(part: part, fits: [], minimums: [], components: [], seesValue: false)
    }

    /// Parts with what belongs to them, a whole page by three statements.
    static func whole(_ parts: [Part], _ tx: Transaction) throws -> [StockJSON.WholePart] {
        let ids = parts.map(\.id)
        let (fits, minimums, components) = try (tx.fits(ids), tx.minimums(ids), tx.components(ids))
        let sees = StockAccess.seesValues(tx.actor)
        return parts.map {
            StockJSON.WholePart(
                part: $0, fits: fits[$0.id] ?? [], minimums: minimums[$0.id] ?? [],
                components: components[$0.id] ?? [], seesValue: sees)
        }
    }
}
