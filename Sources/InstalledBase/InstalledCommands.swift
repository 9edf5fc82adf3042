import Base
import Web

extension FieldReader {
    /// A day that a change names, or nothing.
    mutating func day(changed name: String) -> Change<Int?> {
        let value = optionalDay(name)
        return names(name) ? .set(value) : .keep
    }
    mutating func int(changed name: String, _ range: ClosedRange<Int64>) -> Change<Int64?> {
        let value = optionalInt(name, range)
        return names(name) ? .set(value) : .keep
    }
    mutating func reference<K>(changed name: String, _: K.Type = K.self) -> Change<ID<K>?> {
        let value: ID<K>? = optionalID(name)
        return names(name) ? .set(value) : .keep
    }
    mutating func identifier(changed name: String, max: Int = 100) -> Change<String?> {
        let value = identifier(name, max: max)
        return names(name) ? .set(value) : .keep
    }
    /// A list of named service kinds; in forms, boxes named `name.kind`.
    mutating func services(_ name: String) -> [ServiceKind] {
        let boxes = ServiceKind.allCases.filter { bool(box: "\(name).\($0.rawValue)") }
        let given = words(name, maxCount: ServiceKind.allCases.count) ?? []
        let kinds = given.compactMap { ServiceKind(rawValue: $0) }
        if kinds.count != given.count { fault(name, "field.not_a_choice") }
        let all = Set(boxes + kinds)
        return ServiceKind.allCases.filter { all.contains($0) }
    }
    /// Where a unit belongs, as a form's one choice says it: `site:ID`, `project:ID`, `customer:ID`, or
    /// nowhere; nil where the form does not ask.
    mutating func place() -> UnitPlace? {
        guard isForm, names("place") else { return nil }
        guard let given = optionalText("place", max: 100) else { return UnitPlace() }
        let parts = given.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            fault("place", "field.no_such")
            return nil
        }
        switch parts[0] {
        case "site": return UnitPlace(site: ID(parts[1]))
        case "project": return UnitPlace(project: ID(parts[1]))
        case "customer": return UnitPlace(customer: ID(parts[1]))
        default:
            fault("place", "field.no_such")
            return nil
        }
    }
    /// A box of a form, which has no place in the API's description.
    private mutating func bool(box name: String) -> Bool { isForm && self.bool(name) }
}

/// Where a unit belongs; the site says its project, the project its customer.
struct UnitPlace: Sendable {
    var customer: OrganizationID?
    var project: ProjectID?
    var site: SiteID?
}

/// Bounds of what is typed: hours of a meter, and days that a calendar of ours can tell.
enum Bounds {
    static let hours: ClosedRange<Int64> = 0...10_000_000
    static let months: ClosedRange<Int64> = 1...1200
    static let tickets: ClosedRange<Int64> = 0...100_000
    /// Days that a unit can have to do with: what lies beyond is a slip of the hand.
    static let days =
        CivilDate.dayNumber(
            year: 1950, month: 1, day: 1)...CivilDate.dayNumber(year: 2199, month: 12, day: 31)
    /// A delivery may be planned for the coming year.
    static let aheadDays = 366

    /// What is wrong with a unit's days.
    static func faults(of days: [(field: String, day: Int?, isPast: Bool)], today: Int) -> [FieldFailure] {
        days.compactMap { field, day, isPast in
            let last = isPast ? today + aheadDays : Bounds.days.upperBound
            guard let day, !(Bounds.days.lowerBound...last).contains(day) else { return nil }
            return FieldFailure(
                field: field, code: "field.out_of_range",
                arguments: [
                    "min": CivilDate.text(dayNumber: Bounds.days.lowerBound),
                    "max": CivilDate.text(dayNumber: last),
                ])
        }
    }
}

public struct NewProduct: Command {
    public var parent: ProductID?
    public var kind: Product.Kind
    public var code: String
    public var name: String
    public var nameEn: String?
    public var model: String?
    public var watchedTickets: Int64?
    public var watchedUntil: Int?

    public init(_ read: inout FieldReader) {
        parent = read.optionalID("parent_id")
        kind = read.optionalChoice("kind") ?? .system
        code = CleanText.foldIdentifier(read.text("code", max: 60))
        name = read.text("name", max: 200)
        nameEn = read.optionalText("name_en", max: 200)
        model = read.optionalText("model", max: 100)
        watchedTickets = read.optionalInt("watched_tickets", Bounds.tickets)
        watchedUntil = read.optionalDay("watched_until")
    }

    public init(_ kind: Product.Kind, code: String, name: String, parent: ProductID? = nil) {
        self.kind = kind
        self.code = CleanText.foldIdentifier(code)
        self.name = name
        self.parent = parent
    }
}

struct EditProduct: Command {
    var parent: Change<ProductID?>
    var name: Change<String>
    var nameEn: Change<String?>
    var model: Change<String?>
    var watchedTickets: Change<Int64?>
    var watchedUntil: Change<Int?>
    var isActive: Change<Bool>

    init(_ read: inout FieldReader) {
        parent = read.reference(changed: "parent_id")
        name = read.text(changed: "name", max: 200)
        nameEn = read.optional(changed: "name_en", max: 200)
        model = read.optional(changed: "model", max: 100)
        watchedTickets = read.int(changed: "watched_tickets", Bounds.tickets)
        watchedUntil = read.day(changed: "watched_until")
        isActive = read.state("is_active")
    }
}

public struct NewProductUnit: Command {
    public var product: ProductID
    public var serial: String?
    public var batch: String?
    public var customer: OrganizationID?
    public var project: ProjectID?
    public var site: SiteID?
    public var deliveredOn: Int?
    public var acceptedOn: Int?
    public var warrantyFrom: Int?
    public var warrantyUntil: Int?
    /// Instead of the last day: so many months from the beginning.
    public var warrantyMonths: Int64?
    public var warrantyHours: Int64?
    public var softwareVersion: String?
    public var use: ProductUnit.Use
    public var note: String?

    public init(_ read: inout FieldReader) {
        product = read.id("product_id")
        serial = read.identifier("serial")
        batch = read.identifier("batch")
        customer = read.optionalID("customer_id")
        project = read.optionalID("project_id")
        site = read.optionalID("site_id")
        deliveredOn = read.optionalDay("delivered_on")
        acceptedOn = read.optionalDay("accepted_on")
        warrantyFrom = read.optionalDay("warranty_from")
        warrantyUntil = read.optionalDay("warranty_until")
        warrantyMonths = read.optionalInt("warranty_months", Bounds.months)
        warrantyHours = read.optionalInt("warranty_hours", Bounds.hours)
        softwareVersion = read.optionalText("software_version", max: 100)
        use = read.optionalChoice("use") ?? .installed
        note = read.optionalText("note", max: 2000, lines: true)
        if let place = read.place() {
            (customer, project, site) = (place.customer, place.project, place.site)
        }
    }

    public init(product: ProductID, serial: String?, batch: String? = nil) {
        self.product = product
        self.serial = serial.map { CleanText.foldIdentifier($0) }
        self.batch = batch.map { CleanText.foldIdentifier($0) }
        use = .installed
    }
}

struct EditProductUnit: Command {
    var serial: Change<String?>
    var batch: Change<String?>
    var customer: Change<OrganizationID?>
    var project: Change<ProjectID?>
    var site: Change<SiteID?>
    var deliveredOn: Change<Int?>
    var acceptedOn: Change<Int?>
    var warrantyFrom: Change<Int?>
    var warrantyUntil: Change<Int?>
    var warrantyHours: Change<Int64?>
    var softwareVersion: Change<String?>
    var use: ProductUnit.Use?
    var note: Change<String?>
    /// From a form: instead of customer, project and site.
    var place: UnitPlace?

    init(_ read: inout FieldReader) {
        place = read.place()
        serial = read.identifier(changed: "serial")
        batch = read.identifier(changed: "batch")
        customer = read.reference(changed: "customer_id")
        project = read.reference(changed: "project_id")
        site = read.reference(changed: "site_id")
        deliveredOn = read.day(changed: "delivered_on")
        acceptedOn = read.day(changed: "accepted_on")
        warrantyFrom = read.day(changed: "warranty_from")
        warrantyUntil = read.day(changed: "warranty_until")
        warrantyHours = read.int(changed: "warranty_hours", Bounds.hours)
        softwareVersion = read.optional(changed: "software_version", max: 100)
        use = read.optionalChoice("use")
        note = read.optional(changed: "note", max: 2000, lines: true)
    }
}

public struct NewUnitPart: Command {
    public var position: String
    public var partNumber: String?
    public var serial: String?
    public var software: String?
    public var note: String?
    public var from: Instant?

    public init(_ read: inout FieldReader) {
        position = read.text("position", max: 200)
        partNumber = read.identifier("part_number")
        serial = read.identifier("serial")
        software = read.optionalText("software", max: 100)
        note = read.optionalText("note", max: 500)
        from = read.optionalInstant("from_at")
        if partNumber == nil, serial == nil, software == nil { read.fault("part_number", "part.nothing") }
    }

    public init(position: String, partNumber: String?, serial: String?, from: Instant? = nil) {
        self.position = position
        self.partNumber = partNumber.map { CleanText.foldIdentifier($0) }
        self.serial = serial.map { CleanText.foldIdentifier($0) }
        self.from = from
    }
}

struct RemovedPart: Command {
    var at: Instant?
    init(_ read: inout FieldReader) { at = read.optionalInstant("to_at") }
}

public struct NewReading: Command {
    public var hours: Int64
    public var at: Instant?
    public var meterReplaced: Bool

    public init(_ read: inout FieldReader) {
        hours = read.int("hours", Bounds.hours)
        at = read.optionalInstant("at")
        meterReplaced = read.bool("meter_replaced")
    }

    public init(hours: Int64, at: Instant?, meterReplaced: Bool = false) {
        self.hours = hours
        self.at = at
        self.meterReplaced = meterReplaced
    }
}

public struct NewDowntime: Command {
    public var kind: UnitDowntime.Kind
    public var from: Instant?
    public var to: Instant?
    public var reason: String
    /// A ticket by id or number.
    public var ticket: String?

    public init(_ read: inout FieldReader) {
        kind = read.optionalChoice("kind") ?? .failure
        from = read.instant("from_at")
        to = read.optionalInstant("to_at")
        reason = read.text("reason", max: 500)
        ticket = read.optionalText("ticket_id", max: 64)
        if let from, let to, to <= from { read.fault("to_at", "field.ends_before") }
    }

    public init(_ kind: UnitDowntime.Kind, from: Instant, to: Instant?, reason: String) {
        self.kind = kind
        self.from = from
        self.to = to
        self.reason = reason
    }
}

struct EditDowntime: Command {
    var kind: UnitDowntime.Kind?
    var from: Instant?
    var to: Change<Instant?>
    var reason: Change<String>

    init(_ read: inout FieldReader) {
        kind = read.optionalChoice("kind")
        from = read.optionalInstant("from_at")
        let end = read.optionalInstant("to_at")
        to = read.names("to_at") ? .set(end) : .keep
        reason = read.text(changed: "reason", max: 500)
    }
}

public struct NewUnitContact: Command {
    public var part: UnitContact.Part
    public var account: AccountID
    public var from: Instant?

    public init(_ read: inout FieldReader) {
        part = read.optionalChoice("part") ?? .contact
        account = read.id("account_id")
        from = read.optionalInstant("from_at")
    }

    public init(_ part: UnitContact.Part, account: AccountID) {
        self.part = part
        self.account = account
    }
}

public struct NewContract: Command {
    public var number: String
    public var name: String
    public var nameEn: String?
    public var customer: OrganizationID
    public var project: ProjectID?
    public var policy: String?
    public var from: Int?
    public var until: Int?
    public var included: [ServiceKind]
    public var charged: [ServiceKind]
    public var units: [String]
    public var note: String?

    public init(_ read: inout FieldReader) {
        number = CleanText.foldIdentifier(read.text("number", max: 60))
        name = read.text("name", max: 200)
        nameEn = read.optionalText("name_en", max: 200)
        customer = read.id("customer_id")
        project = read.optionalID("project_id")
        policy = read.optionalText("policy_id", max: 64)
        from = read.optionalDay("from_on")
        until = read.optionalDay("until_on")
        included = read.services("included")
        charged = read.services("charged")
        units = read.words("unit_ids", maxCount: 500, max: 100) ?? []
        note = read.optionalText("note", max: 2000, lines: true)
    }

    public init(number: String, name: String, customer: OrganizationID, from: Int, until: Int) {
        self.number = CleanText.foldIdentifier(number)
        self.name = name
        self.customer = customer
        self.from = from
        self.until = until
        included = []
        charged = []
        units = []
    }
}

struct EditContract: Command {
    var name: Change<String>
    var nameEn: Change<String?>
    var project: Change<ProjectID?>
    var policy: Change<String?>
    var from: Int?
    var until: Int?
    var included: [ServiceKind]?
    var charged: [ServiceKind]?
    var units: [String]?
    var note: Change<String?>

    init(_ read: inout FieldReader) {
        name = read.text(changed: "name", max: 200)
        nameEn = read.optional(changed: "name_en", max: 200)
        project = read.reference(changed: "project_id")
        policy = read.optional(changed: "policy_id", max: 64)
        from = read.optionalDay("from_on")
        until = read.optionalDay("until_on")
        // A form whose boxes are all empty names them by a hidden field.
        let i = read.services("included")
        included = read.names("included") ? i : nil
        let c = read.services("charged")
        charged = read.names("charged") ? c : nil
        let u = read.words("unit_ids", maxCount: 500, max: 100)
        units = read.names("unit_ids") ? u ?? [] : nil
        note = read.optional(changed: "note", max: 2000, lines: true)
    }
}
