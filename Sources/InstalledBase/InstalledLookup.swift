import Base
import Store
import Web

extension InstalledBase {
    /// What intake wants to know of a unit.
    public struct Found: Sendable {
        public var unit: ProductUnit
        public var product: Product?
        public var warranty: WarrantyVerdict
        /// The newest tickets of it that the reader sees.
        public var tickets: [Neighbours.TicketLine]
        /// Open tickets of other units of its batch that the reader sees.
        public var batch: [Neighbours.TicketLine]
        /// A ticket of it would be among the first of a new model.
        public var isWatched: Bool
    }

    /// Units that the actor sees by a serial number as people type or scan it (full-width digits, small
    /// letters), each with what intake answers.
    public static func lookup(
        serial typed: String, limit: Int = 5, _ neighbours: Neighbours, _ tx: Transaction
    ) throws -> [Found] {
        let serial = CleanText.foldIdentifier(typed)
        guard !serial.isEmpty, serial.utf8.count <= 400 else { return [] }
        return try tx.productUnits(UnitFilter(serial: serial), limit: limit).map {
            try found($0, neighbours, tx)
        }
    }

    /// A unit as far as the actor sees it.
    public static func seen(_ id: ProductUnitID, _ tx: Transaction) throws -> ProductUnit? {
        try tx.visibleUnit(id)
    }

    /// Units that the actor sees by a folded serial number.
    public static func units(serial: String, limit: Int = 5, _ tx: Transaction) throws -> [ProductUnit] {
        try tx.productUnits(UnitFilter(serial: serial), limit: limit)
    }

    /// The contract in force for a unit at a time, whoever asks; of several the one that ends last.
    public static func contract(covering id: ProductUnitID, at: Instant, _ tx: Transaction) throws
        -> Contract?
    {
        guard let unit = try tx.anyUnit(id) else { return nil }
        let day = try day(of: at, tx)
        return try tx.contracts(covering: unit).first { $0.isInForce(on: day) }
    }

    public static func found(_ unit: ProductUnit, _ neighbours: Neighbours, _ tx: Transaction) throws -> Found
    {
        Found(
            unit: unit, product: try tx.product(unit.product), warranty: try warranty(unit, tx),
            tickets: try neighbours.tickets(unit.id, tx), batch: try neighbours.batch(unit, tx),
            isWatched: try isWatched(unit.product, neighbours, tx))
    }

    /// What sits in a unit now, as a ticket takes it over: one line a position.
    public static func configuration(of unit: ProductUnit, _ tx: Transaction) throws -> String? {
        let lines = try tx.unitParts(unit.id).filter { $0.to == nil }.map { part in
            ([part.position + ":"] + [part.partNumber, part.serial, part.software].compactMap { $0 }).joined(
                separator: " ")
        }
        let all = [unit.softwareVersion].compactMap { $0 } + lines
        guard !all.isEmpty else { return nil }
        return String(all.joined(separator: "\n").prefix(2000))
    }
}
