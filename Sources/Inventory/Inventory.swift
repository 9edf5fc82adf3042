import Base
import People
import Store

/// Spare parts: places, documents, the ledger and its valuation (`design: inventory`).
///
/// Stock changes through one door, `Ledger.post`; everything else here prepares what goes through it.
public enum Inventory {
    /// The approval limit in force, in minor units of the house's currency.
    static func approvalLimit(_ tx: Transaction) throws -> Int64 {
        try amount(.stockLimit, tx)
    }

    static func amount(_ setting: HouseSetting, _ tx: Transaction) throws -> Int64 {
        try tx.kept("inventory.\(setting.rawValue)", of: Settings.source) {
            try Settings.current(setting, at: tx.now, tx).int ?? 0
        }
    }

    /// The accounting day it is now, in a place's zone.
    static func today(_ zone: String, _ tx: Transaction) -> Int {
        (Zone(zone) ?? .utc).wall(tx.now).dayNumber
    }
}

/// A ticket as a document names it.
public struct TicketReference: Sendable {
    public var id: TicketID
    public var number: String
    /// Its priority, where it has one that stock knows.
    public var priority: Reservation.Priority?

    public init(id: TicketID, number: String, priority: Reservation.Priority? = nil) {
        self.id = id
        self.number = number
        self.priority = priority
    }
}

/// What this area asks of those above it; the composition fills it in.
public struct InventoryNeighbours: Sendable {
    /// A ticket by id or number as the actor may name it; 422 `ticket.unknown_reference` where they don't see
    /// it, 403 where they don't work on it.
    public var ticket: @Sendable (String, Transaction) throws -> TicketReference
    /// Whom something for a ticket is sent to, in the reader's language; nil where the actor may not know.
    public var consignee: @Sendable (TicketID, Transaction) throws -> StockConsignee?
    /// Tells a person something: a kind whose sentence is `notice.<kind>`, and what fills its places.
    public var notify: @Sendable (AccountID, String, JSON, Transaction) throws -> Void

    public init(
        ticket: @escaping @Sendable (String, Transaction) throws -> TicketReference = { _, _ in
            throw Failure.invalid("ticket_id", "ticket.unknown_reference")
        },
        consignee: @escaping @Sendable (TicketID, Transaction) throws -> StockConsignee? = { _, _ in nil },
        notify: @escaping @Sendable (AccountID, String, JSON, Transaction) throws -> Void = { _, _, _, _ in }
    ) {
        self.ticket = ticket
        self.consignee = consignee
        self.notify = notify
    }
}

public enum PartKind {}
public enum PlaceKind {}
public enum StockDocumentKind {}
public typealias PartID = ID<PartKind>
public typealias PlaceID = ID<PlaceKind>
public typealias StockDocumentID = ID<StockDocumentKind>
