import Base

/// A document of the ledger: nothing moves without one, and a posted one is never edited.
public struct StockDocument: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case receipt, issue, shipment, loan, `return`, transfer, scrapping, adjustment
        case statusChange = "status_change"
        case kit, unkit
        case countDifference = "count_difference"

        /// The letters of its numbers.
        var letters: String {
            switch self {
            case .receipt: "GR"
            case .issue: "GI"
            case .shipment: "SH"
            case .loan: "LN"
            case .return: "RT"
            case .transfer: "TR"
            case .scrapping: "SC"
            case .adjustment: "AD"
            case .statusChange: "ST"
            case .kit: "KT"
            case .unkit: "UK"
            case .countDifference: "CD"
            }
        }
    }

    public enum State: String, Sendable, CaseIterable {
        case draft, submitted, approved
        /// Moved; a transfer and a shipment are now in transit.
        case posted
        /// Everything that was in transit has arrived or was written off.
        case received
        case reversed
        /// Given up before it was posted, by whoever asked for it.
        case withdrawn
    }

    /// Where a receipt comes from.
    public enum Source: String, Sendable, CaseIterable { case supplier, production, repair }

    public var id: StockDocumentID
    public var number: String
    public var kind: Kind
    public var state: State = .draft
    public var place: PlaceID
    public var toPlace: PlaceID?
    public var ticket: TicketReference?
    public var reason: String?
    public var source: Source?
    /// Supplier of a receipt, customer of an issue, a shipment or a loan.
    public var partner: OrganizationID?
    /// When a loan is due back.
    public var dueOn: Int?
    public var shipping = Shipping()
    /// The accounting day.
    public var postedOn: Int?
    public var posting: Int64?
    public var reversalOf: StockDocumentID?
    public var reversedBy: StockDocumentID?
    /// The stock check whose difference it posts.
    public var check: String?
    /// What it moves, in minor units of the house's currency: estimated until it is posted.
    public var valueMinor: Int64?
    /// What its submitter had posted alone before it, where the two together are above the limit.
    public var aloneMinor: Int64?
    public var createdBy: AccountID?
    public var createdAt: Instant
    public var submittedBy: AccountID?
    public var submittedAt: Instant?
    public var approvedBy: AccountID?
    public var approvedAt: Instant?
    public var postedBy: AccountID?
    public var postedAt: Instant?
    public var version: Int64 = 1
    /// What was reported as lost on the way and waits for a second person.
    public var missing: Missing?
    public var lines: [StockLine] = []

    public struct Missing: Sendable, Equatable {
        public var by: AccountID?
        public var reason: String
    }

    /// What the papers of a transfer or a shipment say.
    public struct Shipping: Sendable, Equatable {
        public var carrier: String?
        public var waybill: String?
        public var customsReference: String?
        /// Sizes and marks, in words.
        public var packages: String?
        public var packageCount: Int64?
        /// Of all packages, in grams.
        public var grossWeight: Int64?
        public var shippedOn: Int?
        public var arrivesOn: Int?
    }

    /// Leaves by way of the virtual place for what is under way.
    var goesThroughTransit: Bool { kind == .transfer || kind == .shipment }

    /// Drawn up and not posted yet.
    var isPending: Bool { [.draft, .submitted, .approved].contains(state) }

    /// What is held against the approval limit.
    var limitedMinor: Int64 { (valueMinor ?? 0) &+ (aloneMinor ?? 0) }

    /// A loss that somebody else has to agree to.
    var waitsForLoss: Bool { state == .posted && missing != nil && reversedBy == nil }
}

/// A line of a document.
public struct StockLine: Sendable {
    /// Of an adjustment: found, or missing.
    public enum Direction: String, Sendable, CaseIterable { case `in`, out }
    /// What becomes of a part that came back.
    public enum Disposition: String, Sendable, CaseIterable {
        case inspect, repair, scrap, restock
        case returnToCustomer = "return_to_customer"
        case returnToSupplier = "return_to_supplier"
    }

    public var number: Int
    public var part: PartID
    /// In the part's smallest unit, at least 1.
    public var quantity: Int64
    public var serial: String = ""
    public var batch: String = ""
    public var expiresOn: Int?
    public var unitCostMinor: Int64?
    public var status: StockStatus = .usable
    public var toStatus: StockStatus = .usable
    /// Empty for the house's own, else the organisation that owns it.
    public var owner: String = ""
    public var direction: Direction = .in
    public var received: Int64 = 0
    public var writtenOff: Int64 = 0
    /// Reported as lost, in transit until somebody else agrees.
    public var missing: Int64 = 0
    public var returned: Int64 = 0
    /// The number under which it came back from the field.
    public var rma: String?
    public var condition: String?
    public var disposition: Disposition?
    public var dueOn: Int?
    public var replacementSerial: String?
    /// Which package it lies in, as the package is marked.
    public var package: String?
    /// In grams, with its package.
    public var grossWeight: Int64?
    /// What it moved, once posted; read from the movements.
    public var valueMinor: Int64?
}

/// One movement: both of its sides.
public struct StockMovement: Sendable {
    public var posting: Int64
    public var number: Int
    public var document: StockDocumentID
    public var line: Int
    public var part: PartID
    public var batch: String
    public var serial: String
    public var owner: String
    public var quantity: Int64
    public var from: StockSide
    public var to: StockSide
    /// What it moved, in minor units.
    public var valueMinor: Int64
    public var at: Instant
    public var postedOn: Int
}

/// One side of a movement.
public struct StockSide: Sendable, Hashable {
    public var place: PlaceID
    public var status: StockStatus
    init(_ place: PlaceID, _ status: StockStatus) {
        self.place = place
        self.status = status
    }

    /// The pool whose value stock there is part of; nil outside the house's books.
    var pool: CostPool.Name? { StockPlace.isHeld(place) ? status.pool : nil }
}

/// A row of stock: what of a part lies where, in what condition and whose.
public struct StockKey: Sendable, Hashable {
    public var part: PartID
    public var place: PlaceID
    public var status: StockStatus
    public var owner: String
    public var batch: String
    public var serial: String
}

/// What is on hand of a row.
public struct StockBalance: Sendable {
    public var key: StockKey
    public var onHand: Int64
    public var reserved: Int64
    /// The batch's last day of use, and that of quality's concession.
    public var expiresOn: Int?
    public var concessionUntil: Int?
    /// The row's share of its part's value.
    public var valueMinor: Int64 = 0

    var free: Int64 { onHand - reserved }
    /// What may be reserved or issued.
    public var available: Int64 {
        key.status == .usable && !StockPlace.isVirtual(key.place) ? free : 0
    }

    /// Whether the batch may no longer be used on a day.
    func isExpired(on day: Int) -> Bool {
        guard let expiresOn, expiresOn < day else { return false }
        return (concessionUntil ?? Int.min) < day
    }
}
