import Base
import People
import Store

/// Who is told what about stock, among their other notices: whoever is to count or to agree, and whoever
/// asked for what was decided. Nobody of what they did themselves.
enum StockNotices {
    static func handlers(_ neighbours: InventoryNeighbours) -> [FactHandler] {
        func document(
            _ kind: String, _ body: @escaping @Sendable (StockDocument, Telling, Transaction) throws -> Void
        ) -> FactHandler {
            FactHandler("stock." + kind, "stock.notices") { fact, tx in
                guard let d = try tx.stockDocument(fact.subject.id) else { return }
                let telling = Telling(number: d.number, fact: fact, neighbours: neighbours)
                try body(d, telling, tx)
            }
        }
        func check(
            _ kind: String, _ body: @escaping @Sendable (StockCheck, Telling, Transaction) throws -> Void
        ) -> FactHandler {
            FactHandler("stock.check_" + kind, "stock.notices") { fact, tx in
                guard let c = try tx.stockCheck(fact.subject.id) else { return }
                let telling = Telling(number: c.number, fact: fact, neighbours: neighbours)
                try body(c, telling, tx)
            }
        }
        return [
            document("submitted") { d, telling, tx in
                guard d.state == .submitted, let role = try approver(of: d, tx) else { return }
                let own = [d.createdBy, d.submittedBy]
                try telling.tell(holders(role, but: own, tx), "stock.to_approve", tx)
            },
            document("approved") { d, telling, tx in
                try telling.tell([d.submittedBy], "stock.approved", tx)
            },
            document("rejected") { _, telling, tx in
                try telling.tell([telling.person], "stock.rejected", tx)
            },
            document("loss_reported") { d, telling, tx in
                guard d.waitsForLoss else { return }
                try telling.tell(
                    holders(.serviceManager, but: [d.missing?.by], tx), "stock.loss_to_approve", tx)
            },
            document("loss_approved") { _, telling, tx in
                try telling.tell([telling.person], "stock.loss_approved", tx)
            },
            document("loss_rejected") { _, telling, tx in
                try telling.tell([telling.person], "stock.loss_rejected", tx)
            },
            check("begun") { c, telling, tx in
                try telling.tell(c.counters.filter { $0 != c.createdBy }, "stock.to_count", tx)
            },
            check("recounts") { c, telling, tx in
                guard c.state == .recounting else { return }
                try telling.tell(c.counters.filter { $0 != c.submittedBy }, "stock.to_recount", tx)
            },
            check("counted") { c, telling, tx in
                guard c.state == .counted else { return }
                let role = try Inventory.approver(of: c, tx)
                let own: [AccountID?] = try [c.submittedBy] + tx.counters(of: c.id)
                try telling.tell(holders(role, but: own, tx), "stock.check_to_approve", tx)
            },
            check("posted") { c, telling, tx in
                guard c.approvedBy != nil else { return }
                try telling.tell([c.submittedBy], "stock.check_approved", tx)
            },
        ]
    }

    /// Whose consent a submitted document waits for; nil where it waits to be posted.
    private static func approver(of d: StockDocument, _ tx: Transaction) throws -> Role? {
        if Inventory.leavesQuarantine(d) { return .quality }
        return try d.limitedMinor > Inventory.approvalLimit(tx) ? .serviceManager : nil
    }

    private static func holders(_ role: Role, but own: [AccountID?], _ tx: Transaction) throws
        -> [AccountID?]
    {
        try People.activePeople(with: [role], tx).filter { !own.contains($0) }
    }

    struct Telling {
        let number: String
        let fact: HeardFact
        let neighbours: InventoryNeighbours

        /// Whom a step is about that the document itself names no more.
        var person: AccountID? { fact.data["person"]?.string.map { AccountID($0) } }

        func tell(_ people: [AccountID?], _ kind: String, _ tx: Transaction) throws {
            let data = JSON.make([
                "number": .string(number), "reason": .string(fact.data["reason"]?.string ?? ""),
            ])
            for person in Set(people.compactMap { $0 }).sorted() {
                try neighbours.notify(person, kind, data, tx)
            }
        }
    }
}

extension Inventory {
    public static func handlers(_ neighbours: InventoryNeighbours) -> [FactHandler] {
        StockNotices.handlers(neighbours)
    }
}
