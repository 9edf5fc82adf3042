import Base

/// A spare part of the catalogue.
public struct Part: Sendable {
    public enum Tracking: String, Sendable, CaseIterable { case none, serial, batch }
    public enum ABC: String, Sendable, CaseIterable {
        case a = "A"
        case b = "B"
        case c = "C"
    }

    public var id: PartID
    /// Folded (`CleanText.foldIdentifier`), unique.
    public var number: String
    public var name: String
    public var nameEn: String?
    /// Of the smallest quantity that is kept: `pcs`, `set`, `ml`.
    public var unit: String
    public var tracking: Tracking
    public var abc: ABC
    public var shelfLifeMonths: Int64?
    public var leadTimeDays: Int64?
    /// Reference price of one unit, in minor units of the house's currency.
    public var priceMinor: Int64?
    public var supplier: OrganizationID?
    public var supersededBy: PartID?
    public var isActive: Bool
    public var version: Int64

    public func name(in language: Language) -> String { language == .english ? nameEn ?? name : name }
}

/// Where stock can be.
public struct StockPlace: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case store, zone, depot
        case siteStore = "site_store"
        case box, quarantine, repair
        // Virtual: the other side of movements across the house's border, and what is on its way.
        case supplier, production, customer, scrap, gain, loss, transit, loan

        var isVirtual: Bool { virtual.contains(self) }
        private var virtual: [Kind] {
            [.supplier, .production, .customer, .scrap, .gain, .loss, .transit, .loan]
        }
        /// Whether stock there belongs to the house's books: real places, and what is in transit or lent.
        var isHeld: Bool { !isVirtual || self == .transit || self == .loan }
    }

    public var id: PlaceID
    public var kind: Kind
    public var parent: PlaceID?
    public var name: String
    public var nameEn: String?
    /// Own, or that of the nearest place above that has one.
    public var site: SiteID?
    public var keeper: AccountID?
    public var zone: String
    public var isActive: Bool
    public var version: Int64

    public func name(in language: Language) -> String { language == .english ? nameEn ?? name : name }

    public static let supplier = PlaceID("place:supplier")
    public static let production = PlaceID("place:production")
    public static let customer = PlaceID("place:customer")
    public static let scrap = PlaceID("place:scrap")
    public static let gain = PlaceID("place:gain")
    public static let loss = PlaceID("place:loss")
    public static let transit = PlaceID("place:transit")
    public static let loan = PlaceID("place:loan")

    static func isVirtual(_ id: PlaceID) -> Bool { id.text.hasPrefix("place:") }
    /// Whether stock there is in the house's books.
    static func isHeld(_ id: PlaceID) -> Bool { !isVirtual(id) || id == transit || id == loan }
}

/// In what condition stock is.
public enum StockStatus: String, Sendable, CaseIterable {
    case usable, quarantine, defective
    case inRepair = "in_repair"
    case expired, scrap

    /// Sound and worn stock have values of their own, so that a faulty return at no value never dilutes
    /// the price of new parts.
    var pool: CostPool.Name {
        switch self {
        case .usable, .quarantine, .expired: .sound
        case .defective, .inRepair, .scrap: .worn
        }
    }
}

/// A batch of a part: until when it may be used, and whether quality lets it be used longer.
public struct StockBatch: Sendable {
    public var part: PartID
    public var batch: String
    public var expiresOn: Int?
    /// The last day of quality's concession.
    public var concessionUntil: Int?
    public var concessionReason: String?
    public var concessionBy: AccountID?
    public var concessionAt: Instant?
}
