import Base
import People
import Store
import Web

/// How much of a part a place should hold, and up to how much it is filled.
public struct MinimumInput: Command {
    var place: PlaceID
    var minimum: Int64
    var target: Int64
    public init(_ read: inout FieldReader) {
        place = read.id("place_id")
        minimum = read.int("minimum", 0...StockBounds.quantity.upperBound)
        target = read.optionalInt("target", 0...StockBounds.quantity.upperBound) ?? minimum
        if target < minimum { read.fault("target", "stock.target_below") }
    }
    public init(place: PlaceID, minimum: Int64, target: Int64) {
        self.place = place
        self.minimum = minimum
        self.target = target
    }
}

struct ComponentInput: Command {
    var part: PartID
    var quantity: Int64
    init(_ read: inout FieldReader) {
        part = read.id("part_id")
        quantity = read.int("quantity", 1...1_000_000)
    }
    init(part: PartID, quantity: Int64) {
        self.part = part
        self.quantity = quantity
    }
}

/// What a part says; a change leaves alone what it does not name.
public struct PartInput: Command {
    public var number: String?
    public var name: String?
    public var nameEn: Change<String?>
    public var unit: String?
    public var tracking: Part.Tracking?
    public var abc: Part.ABC?
    public var shelfLifeMonths: Change<Int64?>
    public var leadTimeDays: Change<Int64?>
    public var priceMinor: Change<Int64?>
    public var supplier: Change<OrganizationID?>
    public var supersededBy: Change<PartID?>
    public var isActive: Bool?
    public var fits: [String]?
    public var minimums: [MinimumInput]?
    var components: [ComponentInput]?

    public init(_ read: inout FieldReader) {
        number = read.identifier("number")
        name = read.optionalText("name", max: 200)
        let english = read.optionalText("name_en", max: 200)
        nameEn = read.names("name_en") ? .set(english) : .keep
        unit = read.optionalText("unit", max: 20)
        tracking = read.optionalChoice("tracking")
        abc = read.optionalChoice("abc")
        let months = read.optionalInt("shelf_life_months", 1...600)
        shelfLifeMonths = read.names("shelf_life_months") ? .set(months) : .keep
        let days = read.optionalInt("lead_time_days", 0...3650)
        leadTimeDays = read.names("lead_time_days") ? .set(days) : .keep
        let price = read.optionalInt("price_minor", StockBounds.unitCost)
        priceMinor = read.names("price_minor") ? .set(price) : .keep
        let from: OrganizationID? = read.optionalID("supplier_id")
        supplier = read.names("supplier_id") ? .set(from) : .keep
        let next: PartID? = read.optionalID("superseded_by")
        supersededBy = read.names("superseded_by") ? .set(next) : .keep
        isActive = read.optionalBool("is_active")
        fits = read.words("fits", maxCount: 200, max: 64)
        let least: [MinimumInput] = read.list("minimums", count: 0...200, required: false)
        minimums = read.names("minimums") ? least : nil
        let parts: [ComponentInput] = read.list("components", count: 0...100, required: false)
        components = read.names("components") ? parts : nil
    }

    public init(number: String, name: String, unit: String = "pcs", tracking: Part.Tracking = .none) {
        self.number = CleanText.foldIdentifier(number)
        self.name = name
        self.unit = unit
        self.tracking = tracking
        nameEn = .keep
        shelfLifeMonths = .keep
        leadTimeDays = .keep
        priceMinor = .keep
        supplier = .keep
        supersededBy = .keep
    }
}

public struct PlaceInput: Command {
    public var name: String?
    public var nameEn: Change<String?>
    public var kind: StockPlace.Kind?
    public var parent: Change<PlaceID?>
    public var site: Change<SiteID?>
    public var keeper: Change<AccountID?>
    public var zone: String?
    public var isActive: Bool?

    public init(_ read: inout FieldReader) {
        name = read.optionalText("name", max: 200)
        let english = read.optionalText("name_en", max: 200)
        nameEn = read.names("name_en") ? .set(english) : .keep
        kind = read.optionalChoice("kind")
        let above: PlaceID? = read.optionalID("parent_id")
        parent = read.names("parent_id") ? .set(above) : .keep
        let location: SiteID? = read.optionalID("site_id")
        site = read.names("site_id") ? .set(location) : .keep
        let who: AccountID? = read.optionalID("keeper_id")
        keeper = read.names("keeper_id") ? .set(who) : .keep
        zone = read.optionalText("time_zone", max: 64)
        isActive = read.optionalBool("is_active")
        if let zone, Zone(zone) == nil { read.fault("time_zone", "field.not_a_zone") }
        if kind?.isVirtual == true { read.fault("kind", "field.not_a_choice") }
    }

    public init(_ kind: StockPlace.Kind, name: String, zone: String = "Asia/Shanghai") {
        self.kind = kind
        self.name = name
        self.zone = zone
        nameEn = .keep
        parent = .keep
        site = .keep
        keeper = .keep
    }
}

// Parts and places.
extension Inventory {
    @discardableResult
    public static func add(_ input: PartInput, _ tx: Transaction) throws -> Part {
        try StockAccess.requireKeeper(tx)
        var faults = Faults()
        if input.number == nil { faults.add("number", "field.required") }
        if input.name == nil { faults.add("name", "field.required") }
        try faults.finish()
        var part = Part(
            id: tx.makeID(), number: "", name: "", unit: input.unit ?? "pcs", tracking: .none, abc: .c,
            isActive: true, version: 1)
        try apply(input, to: &part, tx)
        try tx.insert(part)
        try belongings(input, of: part, tx)
        try tx.record(
            Fact(
                "part.created", Subject("part", part.id),
                data: .make(["number": .string(part.number), "name": .string(part.name)])))
        return part
    }

    public static func change(_ old: Part, _ input: PartInput, _ tx: Transaction) throws -> Part {
        try StockAccess.requireKeeper(tx)
        var new = old
        try apply(input, to: &new, tx)
        if new.tracking != old.tracking {
            let moved = try tx.exists("select 1 from stock_movement where part_id = \(old.id) limit 1")
            if moved { throw Failure.conflict("stock.tracking_stays") }
        }
        if new.unit != old.unit, try holds(old.id, tx) { throw Failure.conflict("stock.unit_stays") }
        new.version = try tx.update(new)
        try belongings(input, of: new, tx)
        try tx.record(
            Fact(
                "part.changed", Subject("part", old.id),
                data: .make(["number": .string(new.number), "name": .string(new.name)])))
        return new
    }

    private static func holds(_ part: PartID, _ tx: Transaction) throws -> Bool {
        try tx.exists("select 1 from stock_balance where part_id = \(part) and on_hand > 0 limit 1")
    }

    private static func apply(_ input: PartInput, to part: inout Part, _ tx: Transaction) throws {
        var faults = Faults()
        if let number = input.number, number != part.number {
            if try tx.part(number) != nil || PartID.hasShape(number) {
                faults.add("number", "stock.number_taken")
            }
            part.number = number
        }
        if let v = input.name { part.name = v }
        input.nameEn.apply(to: &part.nameEn)
        if let v = input.unit { part.unit = v }
        if let v = input.tracking { part.tracking = v }
        if let v = input.abc { part.abc = v }
        input.shelfLifeMonths.apply(to: &part.shelfLifeMonths)
        input.leadTimeDays.apply(to: &part.leadTimeDays)
        input.priceMinor.apply(to: &part.priceMinor)
        input.supplier.apply(to: &part.supplier)
        input.supersededBy.apply(to: &part.supersededBy)
        if let v = input.isActive { part.isActive = v }
        if case .set(let id?) = input.supplier, try People.organization(id, tx) == nil {
            faults.add("supplier_id", "field.no_such")
        }
        // No part follows itself, not even by way of others.
        var next = part.supersededBy
        var seen: Set<PartID> = [part.id]
        while let id = next, case .set = input.supersededBy {
            guard let other = try tx.part(id.text) else {
                faults.add("superseded_by", "field.no_such")
                break
            }
            guard seen.insert(other.id).inserted else {
                faults.add("superseded_by", "stock.circle")
                break
            }
            next = other.supersededBy
        }
        try faults.finish()
    }

    private static func belongings(_ input: PartInput, of part: Part, _ tx: Transaction) throws {
        if let fits = input.fits { try tx.setFits(part.id, fits) }
        if let minimums = input.minimums {
            let places = try tx.places(minimums.map(\.place))
            for (i, m) in minimums.enumerated() where places[m.place] == nil {
                throw Failure.invalid("minimums.\(i).place_id", "field.no_such")
            }
            guard Set(minimums.map(\.place)).count == minimums.count else {
                throw Failure.invalid("minimums", "stock.place_twice")
            }
            try tx.setMinimums(
                part.id,
                minimums.map { PartMinimum(place: $0.place, minimum: $0.minimum, target: $0.target) })
        }
        if let components = input.components {
            let parts = try tx.parts(components.map(\.part))
            for (i, c) in components.enumerated() {
                guard let found = parts[c.part], c.part != part.id else {
                    throw Failure.invalid("components.\(i).part_id", "field.no_such")
                }
                guard found.tracking == .none else {
                    throw Failure.invalid("components.\(i).part_id", "stock.component_tracking")
                }
            }
            guard Set(components.map(\.part)).count == components.count else {
                throw Failure.invalid("components", "stock.part_twice")
            }
            let new = components.map { KitComponent(part: $0.part, quantity: $0.quantity) }
            if try tx.components(part.id) != new.sorted(by: { $0.part < $1.part }),
                try isKitInUse(part.id, tx)
            {
                throw Failure.conflict("stock.kit_in_use")
            }
            try tx.setComponents(part.id, new)
        }
    }

    /// Whether there are kits that were made of what the part names now, or are about to be.
    private static func isKitInUse(_ kit: PartID, _ tx: Transaction) throws -> Bool {
        let isOpen = try tx.exists(
            """
            select 1 from stock_line l join stock_document d on d.id = l.document_id
            where l.part_id = \(kit) and d.kind in ('kit', 'unkit')
              and d.state in ('draft', 'submitted', 'approved') limit 1
            """)
        return try isOpen || holds(kit, tx)
    }

    @discardableResult
    public static func add(_ input: PlaceInput, _ tx: Transaction) throws -> StockPlace {
        try StockAccess.requireKeeper(tx)
        var faults = Faults()
        if input.name == nil { faults.add("name", "field.required") }
        if input.kind == nil { faults.add("kind", "field.required") }
        try faults.finish()
        let house = try Settings.current(.houseTimeZone, at: tx.now, tx).string
        var place = StockPlace(
            id: tx.makeID(), kind: .store, name: "", zone: house ?? "UTC", isActive: true, version: 1)
        try apply(input, to: &place, isNew: true, tx)
        try tx.insert(place)
        try tx.record(
            Fact(
                "place.created", Subject("place", place.id),
                data: .make(["name": .string(place.name), "kind": .string(place.kind.rawValue)])))
        return place
    }

    public static func change(_ old: StockPlace, _ input: PlaceInput, _ tx: Transaction) throws -> StockPlace
    {
        try StockAccess.requireKeeper(tx)
        var new = old
        try apply(input, to: &new, isNew: false, tx)
        if new.kind != old.kind, new.kind == .box || old.kind == .box {
            let moved = try tx.exists(
                "select 1 from stock_movement where from_place = \(old.id) or to_place = \(old.id) limit 1")
            if moved { throw Failure.conflict("stock.kind_stays") }
        }
        if !new.isActive, old.isActive {
            let holds = try tx.exists(
                "select 1 from stock_balance where place_id = \(old.id) and on_hand > 0 limit 1")
            if holds { throw Failure.conflict("stock.place_holds") }
        }
        new.version = try tx.update(new)
        try tx.record(
            Fact(
                "place.changed", Subject("place", old.id),
                data: .make(["name": .string(new.name), "is_active": .bool(new.isActive)])))
        return new
    }

    private static func apply(
        _ input: PlaceInput, to place: inout StockPlace, isNew: Bool, _ tx: Transaction
    ) throws {
        var faults = Faults()
        if let v = input.name { place.name = v }
        input.nameEn.apply(to: &place.nameEn)
        if let v = input.kind { place.kind = v }
        input.site.apply(to: &place.site)
        input.keeper.apply(to: &place.keeper)
        if let v = input.isActive { place.isActive = v }
        let before = place.parent
        input.parent.apply(to: &place.parent)
        if let parent = place.parent, isNew || parent != before,
            try tx.exists("select 1 from stock_freeze where place_id = \(parent)")
        {
            throw Failure.conflict("stock.frozen")
        }
        if let parent = place.parent {
            if let above = try tx.place(parent) {
                if place.site == nil { place.site = above.site }
                if isNew, input.zone == nil { place.zone = above.zone }
                if try !isNew && tx.placesBelow(place.id).contains(parent) {
                    faults.add("parent_id", "stock.circle")
                }
            } else {
                faults.add("parent_id", "field.no_such")
            }
        }
        if let v = input.zone { place.zone = v }
        if let site = place.site, try People.site(site, tx) == nil { faults.add("site_id", "field.no_such") }
        if let keeper = place.keeper, try People.account(keeper, tx)?.isActive != true {
            faults.add("keeper_id", "field.no_such")
        }
        try faults.finish()
    }
}
