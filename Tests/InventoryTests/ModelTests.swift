import Base
import Foundation
import Store
import TestKit
import Testing
import Web

@testable import Inventory

/// Twenty thousand random steps, each done by the product and by the plain model; every balance, serial
/// number, value and reservation is compared every few hundred of them. In the middle a new year begins,
/// valued by the other method.
@Suite struct ModelTests {
    private static let steps = 20_000
    private static let block = 250

    @Test func theProductAgreesWithThePlainModel() async throws {
        let given = ProcessInfo.processInfo.environment["FETTLE_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0..<1_000_000_000)
        print("stock model: seed \(seed)")
        let depot = try await Depot.open()
        var walk = try await depot.write { try Walk(seed, $0) }
        for block in 0..<(Self.steps / Self.block) {
            if block == Self.steps / Self.block / 2 {
                depot.clock.advance(.days(330))
                walk.model.method = .fifo
            } else {
                depot.clock.advance(.minutes(90))
            }
            let start = walk
            walk = try await depot.write { tx in
                var own = start
                for _ in 0..<Self.block { try own.step(tx) }
                try own.compare(tx)
                return own
            }
            if !walk.faults.isEmpty { break }
        }
        #expect(walk.faults == [], "seed \(seed)")
        #expect(walk.done > Self.steps / 3, "seed \(seed): \(walk.done) of \(Self.steps) were possible")
        #expect(walk.refused > 1000, "seed \(seed)")
        #expect(try await depot.verify() == [], "seed \(seed)")
        await depot.close()
    }
}

/// A walk through the documents, its model beside it.
struct Walk: Sendable {
    struct Known: Sendable {
        var document: StockDocument
        var moves: [StockModel.Move]
    }

    var model = StockModel()
    var random: SeededRandom
    var faults: [String] = []
    var done = 0
    var refused = 0
    private let places: [StockPlace]
    private let parts: [Part]
    private var documents: [Known] = []
    private var serials = 0
    private let tickets: [TicketReference]

    init(_ seed: UInt64, _ tx: Transaction) throws {
        random = SeededRandom(seed)
        places = try [StockPlace.Kind.store, .depot, .siteStore].enumerated().map {
            try Inventory.add(PlaceInput($1, name: "Place \($0)"), tx)
        }
        var made: [Part] = []
        for n in 0..<8 {
            let tracking: Part.Tracking = n < 4 ? .none : n < 6 ? .batch : .serial
            var input = PartInput(number: "P-\(n)", name: "Part \(n)", tracking: tracking)
            input.priceMinor = .set(Int64(n) * 331)
            made.append(try Inventory.add(input, tx))
        }
        parts = made
        for part in parts { model.price[part.id] = part.priceMinor ?? 0 }
        tickets = (1...4).map { TicketReference(id: TicketID("ticket-\($0)"), number: "FT-26-000\($0)") }
        try tx.run(
            "insert into stock_year (year, method, changed_at) values (2027, 'fifo', \(tx.now))")
        // Nothing waits for approval here.
        try tx.run(
            """
            insert into setting (name, version, value, effective_from, created_at)
            values ('stock_limit_minor', 1, '1000000000000', 0, 0)
            """)
        try tx.run(
            """
            insert into organization (id, kind, name, time_zone, is_active, search, version)
            values ('rift', 'customer', 'Rift', 'UTC', 1, 'rift', 1)
            """)
    }

    private mutating func pick<T>(_ all: [T]) -> T { all[random.below(all.count)] }

    /// One step by both; they agree on whether it can be done, and on what it moved.
    mutating func step(_ tx: Transaction) throws {
        model.today = Inventory.today("Asia/Shanghai", tx)
        switch random.below(20) {
        case 0...3: try draw(.receipt, tx)
        case 4...7: try draw(.issue, tx)
        case 8, 9: try draw(.transfer, tx)
        case 10: try draw(.return, tx)
        case 11: try draw(pick([.scrapping, .loan]), tx)
        case 12: try draw(.adjustment, tx)
        case 13: try draw(.statusChange, tx)
        case 14, 15: try follow(tx)
        case 16: try reverse(tx)
        case 17, 18: try reserve(tx)
        default: try release(tx)
        }
    }

    private mutating func both<T>(
        _ what: @autoclosure () -> String, product: () throws -> T,
        model: (inout StockModel, T?) throws -> Int64?,
        value: (T) -> Int64?
    ) throws -> T? {
        var made: T?
        var problem = ""
        do { made = try product() } catch let f as Failure {
            problem = f.fields.first.map { "\($0.field) \($0.code)" } ?? f.code
        }
        var next = self.model
        var worth: Int64?
        var isPossible = true
        do { worth = try model(&next, made) } catch is StockModel.Refused { isPossible = false }
        if isPossible != (made != nil) {
            faults.append(
                "\(what()): the model says \(isPossible), the product \(made == nil ? problem : "done")")
        }
        guard let made, isPossible else {
            refused += 1
            return nil
        }
        self.model = next
        done += 1
        if let worth, let own = value(made), worth != own {
            faults.append("\(what()): worth \(own), by the model \(worth)")
        }
        return made
    }

    private mutating func line(_ kind: StockDocument.Kind, _ part: Part) -> LineInput {
        var line = LineInput(part: part.id, quantity: 1 + Int64(random.below(12)))
        switch part.tracking {
        case .none: break
        case .serial:
            line.quantity = 1
            if kind == .receipt || random.below(8) == 0 {
                serials += 1
                line.serial = "\(part.number)-\(random.below(4) == 0 ? random.below(serials + 1) : serials)"
            } else {
                let known = model.onHand.filter { $0.key.part == part.id && $0.value > 0 }.keys.map(\.serial)
                line.serial = known.isEmpty ? "\(part.number)-0" : pick(known.sorted())
            }
        case .batch:
            let names = (0..<6).map { "\(part.number)-B\($0)" }
            if [.receipt, .return, .adjustment].contains(kind) || random.below(3) == 0 {
                line.batch = pick(names)
            }
        }
        switch kind {
        case .receipt: line.unitCostMinor = Int64(random.below(2000))
        case .return: line.status = random.below(2) == 0 ? .usable : .defective
        case .adjustment:
            line.direction = random.below(2) == 0 ? .in : .out
        case .statusChange:
            let all: [StockStatus] = [.usable, .quarantine, .defective, .inRepair, .expired, .scrap]
            line.status = random.below(2) == 0 ? .usable : pick(all)
            let other = line.status
            line.toStatus = pick(all.filter { $0 != other })
        case .scrapping: line.status = pick([.usable, .defective, .scrap])
        default: break
        }
        if part.tracking == .none, random.below(12) == 0, ![.loan].contains(kind) {
            line.owner = OrganizationID("rift")
        }
        return line
    }

    private mutating func draw(_ kind: StockDocument.Kind, _ tx: Transaction) throws {
        let place = pick(places)
        let to = kind == .transfer ? pick(places.filter { $0.id != place.id }) : nil
        let count = 1 + random.below(2)
        var lines: [LineInput] = []
        for _ in 0..<count {
            let part = pick(parts)
            var line = line(kind, part)
            if let batch = line.batch, let n = batch.last?.wholeNumberValue {
                // Two of six batches are expired when the new year has begun.
                model.expiry[batch] = n < 2 ? 20_800 + n : 30_000 + n
                if [.receipt, .return].contains(kind) || line.direction == .in {
                    line.expiresOn = model.expiry[batch]
                }
            }
            lines.append(line)
        }
        let ticket = kind == .issue && random.below(2) == 0 ? pick(tickets) : nil
        let input = DocumentInput(
            place: place.id, toPlace: to?.id, ticket: ticket?.number, reason: "a trial", lines: lines,
            submit: true)
        let names = InventoryNeighbours(ticket: { _, _ in
            ticket ?? TicketReference(id: TicketID(""), number: "")
        })
        var moves: [StockModel.Move] = []
        let made = try both(
            "\(kind) \(lines.map { "\($0.part.text.suffix(4)) \($0.quantity) \($0.serial ?? "") \($0.batch ?? "")" })",
            product: { try Inventory.draw(kind, input, names, tx) },
            model: { m, _ in
                for line in lines {
                    moves += try Walk.move(&m, kind, line, place.id, ticket?.id.text ?? "")
                }
                return moves.reduce(0) { $0 + $1.value }
            }, value: { $0.valueMinor })
        if let made { documents.append(Known(document: made, moves: moves)) }
        if documents.count > 400 { documents.removeFirst(200) }
    }

    private static func move(
        _ m: inout StockModel, _ kind: StockDocument.Kind, _ line: LineInput, _ place: PlaceID,
        _ ticket: String
    ) throws -> [StockModel.Move] {
        let status = line.status ?? .usable
        var key = StockKey(
            part: line.part, place: place, status: status, owner: line.owner?.text ?? "",
            batch: line.batch ?? "", serial: line.serial ?? "")
        let any = line.batch == nil
        switch kind {
        case .receipt:
            key.place = StockPlace.supplier
            return try m.move(key, to: place, status, line.quantity, cost: line.unitCostMinor)
        case .return:
            key.place = StockPlace.customer
            return try m.move(key, to: place, status, line.quantity)
        case .issue:
            return try m.move(
                key, to: StockPlace.customer, status, line.quantity, anyBatch: any, ticket: ticket)
        case .loan: return try m.move(key, to: StockPlace.loan, status, line.quantity, anyBatch: any)
        case .transfer:
            return try m.move(
                key, to: StockPlace.transit, status, line.quantity, anyBatch: any, expiredToo: true)
        case .scrapping:
            return try m.move(
                key, to: StockPlace.scrap, status, line.quantity, anyBatch: any, expiredToo: true)
        case .adjustment where line.direction == .in:
            key.place = StockPlace.gain
            return try m.move(key, to: place, status, line.quantity)
        case .adjustment:
            return try m.move(
                key, to: StockPlace.loss, status, line.quantity, anyBatch: any, expiredToo: true)
        default:
            return try m.move(
                key, to: place, line.toStatus ?? .usable, line.quantity, anyBatch: any, expiredToo: true)
        }
    }

    /// What is under way arrives or is lost; what was lent comes back.
    private mutating func follow(_ tx: Transaction) throws {
        let open = documents.indices.filter {
            let d = documents[$0].document
            return d.state == .posted && (d.kind == .transfer || d.kind == .loan) && d.reversalOf == nil
        }
        guard let at = open.isEmpty ? nil : pick(open) else { return }
        let known = documents[at]
        let d = known.document
        let via = d.kind == .loan ? StockPlace.loan : StockPlace.transit
        // One line, part of what is left of it.
        let line = pick(d.lines)
        var left: [(StockKey, Int64)] = []
        for (i, m) in known.moves.enumerated() where self.line(of: i, known) == line.number {
            if m.to.place == via { left.append((m.to, m.quantity)) }
            if m.from.place == via, let j = left.firstIndex(where: { $0.0 == m.from }) {
                left[j].1 -= m.quantity
            }
        }
        let there = left.reduce(0) { $0 + $1.1 }
        let asked = 1 + Int64(random.below(Int(there) + 2))
        let lost = d.kind == .loan ? 0 : random.below(4) == 0 ? min(1, asked) : 0
        let status: StockStatus = d.kind == .loan && random.below(3) == 0 ? .defective : line.status
        var moves: [StockModel.Move] = []
        let made = try both(
            "\(d.number) follows",
            product: {
                if d.kind == .loan {
                    var input = LoanReturnInput()
                    input.lines = [.init(line: line.number, quantity: asked, status: status)]
                    return try Inventory.takeBack(d, input, tx)
                }
                var input = ArrivalInput()
                input.lines = [.init(line: line.number, received: asked - lost, writtenOff: lost)]
                if lost > 0 { input.reason = "lost" }
                return try Inventory.arrive(d, input, tx)
            },
            model: { m, _ in
                guard asked <= there else { throw StockModel.Refused() }
                for (place, wanted) in [
                    (d.kind == .loan ? d.place : d.toPlace ?? d.place, asked - lost), (StockPlace.loss, lost),
                ] {
                    var open = wanted
                    for i in left.indices where open > 0 && left[i].1 > 0 {
                        let part = min(open, left[i].1)
                        left[i].1 -= part
                        open -= part
                        moves += try m.move(
                            left[i].0, to: place, d.kind == .loan ? status : left[i].0.status, part,
                            expiredToo: true)
                    }
                }
                return nil
            }, value: { _ in nil })
        if let made {
            documents[at].document = made
            documents[at].moves += moves
            lines[d.id.text, default: []] += moves.map { _ in line.number }
        }
    }

    /// Which line a later move of a document belongs to; the first ones belong by their part and serial.
    private var lines: [String: [Int]] = [:]
    private func line(of move: Int, _ known: Known) -> Int {
        let later = lines[known.document.id.text] ?? []
        let first = known.moves.count - later.count
        if move >= first { return later[move - first] }
        var counted: [Int64] = known.document.lines.map(\.quantity)
        for (i, m) in known.moves.prefix(move + 1).enumerated() {
            guard let l = counted.firstIndex(where: { $0 > 0 }) else { return 0 }
            if i == move { return known.document.lines[l].number }
            counted[l] -= m.quantity
        }
        return 0
    }

    private mutating func reverse(_ tx: Transaction) throws {
        guard !documents.isEmpty else { return }
        let at = documents.count - 1 - random.below(min(documents.count, 30))
        let known = documents[at]
        let isOpen =
            [.posted, .received].contains(known.document.state) && known.document.reversalOf == nil
        var moves: [StockModel.Move] = []
        let made = try both(
            "\(known.document.number) \(known.document.kind) reversed",
            product: { try Inventory.reverse(known.document, reason: "a trial", tx) },
            model: { m, _ in
                guard isOpen else { throw StockModel.Refused() }
                for old in known.moves.reversed() {
                    moves += try m.move(
                        old.to, to: old.from.place, old.from.status, old.quantity, exact: old.value,
                        expiredToo: true)
                }
                return moves.reduce(0) { $0 + $1.value }
            }, value: { $0.valueMinor })
        if made != nil {
            documents[at].document = try tx.stockDocument(known.document.id.text) ?? known.document
        }
    }

    private mutating func reserve(_ tx: Transaction) throws {
        let part = pick(parts)
        let place = pick(places).id
        let ticket = pick(tickets)
        let input = ReservationInput(part: part.id, place: place, quantity: 1 + Int64(random.below(5)))
        let key = StockKey(part: part.id, place: place, status: .usable, owner: "", batch: "", serial: "")
        _ = try both(
            "reservation",
            product: { try Inventory.reserve(input, ticket: ticket, tx) },
            model: { m, made in
                try m.reserve(made?.id.text ?? "none", key, input.quantity, ticket: ticket.id.text)
                return nil
            }, value: { _ in nil })
    }

    private mutating func release(_ tx: Transaction) throws {
        guard !model.reservations.isEmpty else { return }
        let id = pick(model.reservations.keys.sorted())
        guard let r = try tx.reservation(id) else {
            faults.append("reservation \(id) is gone")
            return
        }
        _ = try Inventory.release(r, tx)
        model.reservations[id] = nil
        done += 1
    }

    // MARK: Comparing

    mutating func compare(_ tx: Transaction) throws {
        var seen: [StockKey: Int64] = [:]
        try tx.each(
            "select \(Transaction.balanceColumns) from \(Transaction.balanceTables) where b.on_hand > 0"
        ) { r in
            let row = Transaction.balance(&r)
            seen[row.key] = row.onHand
            if row.reserved != model.reserved(row.key) {
                faults.append("\(row.key): reserved \(row.reserved), by the model \(model.reserved(row.key))")
            }
        }
        let wanted = model.onHand.filter { $0.value != 0 }
        for key in Set(seen.keys).union(wanted.keys) where seen[key] != wanted[key] {
            faults.append("\(key): \(seen[key] ?? 0) on hand, by the model \(wanted[key] ?? 0)")
        }
        var layers: [String: StockModel.Layer] = [:]
        for l in try tx.layers(parts.map(\.id)) {
            guard let layer = l.layer else { continue }
            let name = l.part.text + (l.pool == .sound ? "+" : "-")
            let old = layers[name] ?? .init(quantity: 0, value: 0)
            layers[name] = .init(quantity: old.quantity + layer.quantity, value: old.value + layer.value)
        }
        for name in Set(layers.keys).union(model.layers.keys) {
            let (own, other) = (layers[name] ?? .init(quantity: 0, value: 0), model.total(name))
            if own != other { faults.append("\(name): worth \(own), by the model \(other)") }
        }
        let kept = try tx.int("select coalesce(sum(quantity), 0) from stock_reserved where quantity > 0")
        let known = model.reservations.values.reduce(0) { $0 + $1.rows.values.reduce(0, +) }
        if kept != known { faults.append("reserved \(kept), by the model \(known)") }
    }
}
