import Base

public enum ContractKind {}
public typealias ContractID = ID<ContractKind>

/// A part of the house's catalogue: a system, a subsystem of it or a position where a part sits.
public struct Product: Sendable {
    public enum Kind: String, Sendable, CaseIterable { case system, subsystem, position }

    public var id: ProductID
    public var parent: ProductID?
    public var kind: Kind
    /// Unique, folded: `GA73.SRV.ACU`.
    public var code: String
    public var name: String
    public var nameEn: String?
    /// As the type plate says it: `YH-GA73`.
    public var model: String?
    /// Early-life watch: so many first tickets of the model are flagged; nil for none.
    public var watchedTickets: Int64?
    /// Early-life watch: tickets up to this day are flagged (a day number).
    public var watchedUntil: Int?
    public var isActive: Bool
    public var version: Int64

    public func name(in language: Language) -> String { language == .english ? nameEn ?? name : name }
    /// Model and name, as lists show it.
    public func title(in language: Language) -> String {
        [model, name(in: language)].compactMap { $0 }.joined(separator: " ")
    }
}

/// One thing that was sold, lent or kept: it has a serial number, or at least a batch.
public struct ProductUnit: Sendable {
    public enum Use: String, Sendable, CaseIterable { case installed, loan, house, retired }

    public var id: ProductUnitID
    public var product: ProductID
    /// Folded (`CleanText.foldIdentifier`), unique for its product; "" where only a batch is known.
    public var serial: String
    public var batch: String?
    public var customer: OrganizationID?
    public var project: ProjectID?
    public var site: SiteID?
    /// Day numbers in the house's zone.
    public var deliveredOn: Int?
    public var acceptedOn: Int?
    public var warrantyFrom: Int?
    /// The last day of warranty.
    public var warrantyUntil: Int?
    /// Operating hours that warranty ends at.
    public var warrantyHours: Int64?
    public var softwareVersion: String?
    public var use: Use
    public var note: String?
    /// All hours it has run, over every meter it ever had; nil before the first reading.
    public var operatingHours: Int64?
    /// When they were read.
    public var readAt: Instant?
    public var version: Int64

    /// What people call it: its serial number, else its batch.
    public var title: String { serial.isEmpty ? batch ?? id.text : serial }
}

/// What sat at a position of a unit from one time to another: its configuration and the history of it.
public struct UnitPart: Sendable {
    public var id: String
    public var unit: ProductUnitID
    /// In words or as a code of the product tree.
    public var position: String
    public var partNumber: String?
    public var serial: String?
    public var software: String?
    public var note: String?
    public var from: Instant
    public var to: Instant?
}

/// A reading of the meter of operating hours.
public struct UnitReading: Sendable {
    public var id: String
    public var unit: ProductUnitID
    public var at: Instant
    /// What the meter showed, in hours.
    public var hours: Int64
    /// The meter is another one than at the reading before, and began at zero.
    public var meterReplaced: Bool
    /// Hours over all meters.
    public var total: Int64
}

/// A time in which a unit did not serve.
public struct UnitDowntime: Sendable {
    public enum Kind: String, Sendable, CaseIterable { case failure, planned, external }

    public var id: String
    public var unit: ProductUnitID
    public var kind: Kind
    public var from: Instant
    /// nil while it lasts.
    public var to: Instant?
    public var reason: String
    public var ticket: TicketID?
    public var version: Int64
}

/// A person fixed for a unit, from one time to another; where none is, those of its project count.
public struct UnitContact: Sendable {
    public enum Part: String, Sendable, CaseIterable { case contact, deputy, customer }

    public var id: String
    public var unit: ProductUnitID
    public var part: Part
    public var account: AccountID
    public var from: Instant
    public var to: Instant?
}

/// What a service contract may include or charge for.
public enum ServiceKind: String, Sendable, CaseIterable {
    case support, inspection, repair, spares, software, travel, training, loan
}

/// A service contract: for whom, under which service level, what is included and what is charged.
public struct Contract: Sendable {
    public var id: ContractID
    /// Unique, folded.
    public var number: String
    public var name: String
    public var nameEn: String?
    public var customer: OrganizationID
    public var project: ProjectID?
    /// The service level policy, by its id; nil for the closest one.
    public var policy: String?
    /// Day numbers, both inclusive.
    public var from: Int
    public var until: Int
    public var included: [ServiceKind]
    public var charged: [ServiceKind]
    /// The units it covers; none for all of its project, or of its customer where it has no project.
    public var units: [ProductUnitID]
    public var note: String?
    public var version: Int64

    public func name(in language: Language) -> String { language == .english ? nameEn ?? name : name }

    public func isInForce(on day: Int) -> Bool { from <= day && day <= until }

    /// Whether it speaks of a unit, in force or not.
    public func covers(_ u: ProductUnit) -> Bool {
        guard units.isEmpty else { return units.contains(u.id) }
        return u.customer == customer && (project == nil || project == u.project)
    }
}
