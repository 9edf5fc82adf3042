import Base

@testable import Inventory

/// Stock as a plain person would keep it: dictionaries and sums, no database, no layers of code. What it
/// says is compared with what the product says.
struct StockModel {
    struct Move {
        var from: StockKey
        var to: StockKey
        var quantity: Int64
        var value: Int64
    }
    struct Refused: Error {}
    struct Layer: Equatable {
        var quantity: Int64
        var value: Int64
    }

    var method = CostPool.Method.movingAverage
    var today = 0
    var onHand: [StockKey: Int64] = [:]
    /// By reservation, row by row.
    var reservations: [String: (ticket: String, rows: [StockKey: Int64])] = [:]
    var layers: [String: [Layer]] = [:]
    var expiry: [String: Int] = [:]
    var price: [PartID: Int64] = [:]

    func reserved(_ key: StockKey) -> Int64 {
        reservations.values.reduce(0) { $0 + ($1.rows[key] ?? 0) }
    }

    private func held(_ place: PlaceID) -> Bool {
        ![
            StockPlace.supplier, StockPlace.production, StockPlace.customer, StockPlace.scrap,
            StockPlace.gain, StockPlace.loss,
        ].contains(place)
    }

    private func pool(_ key: StockKey) -> String? {
        guard held(key.place), key.owner.isEmpty else { return nil }
        return key.part.text
            + (["usable", "quarantine", "expired"].contains(key.status.rawValue) ? "+" : "-")
    }

    private func half(_ value: Int64, _ part: Int64, _ whole: Int64) -> Int64 {
        (2 * value * part + whole) / (2 * whole)
    }

    // MARK: Moving

    /// Moves so much of what is described by `from`, whose empty batch means any where it is held.
    mutating func move(
        _ from: StockKey, to place: PlaceID, _ status: StockStatus, _ quantity: Int64, anyBatch: Bool = false,
        cost: Int64? = nil, exact: Int64? = nil, expiredToo: Bool = false, ticket: String = ""
    ) throws -> [Move] {
        var out: [Move] = []
        for (key, part) in try chosen(from, quantity, anyBatch, expiredToo, ticket) {
            var target = key
            target.place = place
            target.status = status
            if !held(key.place), !key.serial.isEmpty,
                onHand.contains(where: {
                    $0.key.part == key.part && $0.key.serial == key.serial && $0.value > 0
                })
            {
                throw Refused()
            }
            if held(key.place) { useUp(key, part, ticket) }
            let value = try worth(key, target, part, cost, exact)
            if held(key.place) { onHand[key, default: 0] -= part }
            if held(target.place) { onHand[target, default: 0] += part }
            out.append(Move(from: key, to: target, quantity: part, value: value))
        }
        return out
    }

    private func own(_ key: StockKey, _ ticket: String) -> Int64 {
        ticket.isEmpty
            ? 0 : reservations.values.filter { $0.ticket == ticket }.reduce(0) { $0 + ($1.rows[key] ?? 0) }
    }

    private func chosen(
        _ from: StockKey, _ quantity: Int64, _ anyBatch: Bool, _ expiredToo: Bool, _ ticket: String
    ) throws -> [(StockKey, Int64)] {
        guard held(from.place) else { return [(from, quantity)] }
        func last(_ key: StockKey) -> Int { expiry[key.batch] ?? Int.max }
        let rows = onHand.filter { key, there in
            there > 0 && key.part == from.part && key.place == from.place && key.status == from.status
                && key.owner == from.owner && key.serial == from.serial
                && (anyBatch || key.batch == from.batch)
        }.keys.sorted { a, b in
            let mine = (own(a, ticket) > 0 ? 0 : 1, own(b, ticket) > 0 ? 0 : 1)
            return (mine.0, last(a), a.batch) < (mine.1, last(b), b.batch)
        }
        var left = quantity
        var out: [(StockKey, Int64)] = []
        for key in rows where left > 0 {
            let free = (onHand[key] ?? 0) - reserved(key) + own(key, ticket)
            if free <= 0 || (!expiredToo && last(key) < today) { continue }
            out.append((key, min(left, free)))
            left -= min(left, free)
        }
        guard left == 0 else { throw Refused() }
        return out
    }

    private mutating func useUp(_ key: StockKey, _ quantity: Int64, _ ticket: String) {
        var left = quantity
        for id in reservations.keys.sorted() where !ticket.isEmpty && reservations[id]?.ticket == ticket {
            guard let there = reservations[id]?.rows[key] else { continue }
            let part = min(left, there)
            left -= part
            reservations[id]?.rows[key] = there == part ? nil : there - part
            if reservations[id]?.rows.isEmpty == true { reservations[id] = nil }
        }
    }

    // MARK: Value

    private mutating func worth(
        _ from: StockKey, _ to: StockKey, _ quantity: Int64, _ cost: Int64?, _ exact: Int64?
    ) throws -> Int64 {
        guard from.owner.isEmpty else { return 0 }
        let (a, b) = (pool(from), pool(to))
        if a == b, let a { return exact ?? estimate(a, quantity) }
        var value: Int64 = 0
        if let a {
            value = try exact.map { try takeBack(a, quantity, $0) } ?? take(a, quantity)
        } else if let exact {
            value = exact
        } else if let cost {
            value = cost * quantity
        } else if let b, b.hasSuffix("+") {
            let there = total(b)
            if there.quantity >= quantity, there.quantity > 0 {
                value = estimate(b, quantity)
            } else {
                value = (there.quantity > 0 ? estimate(b, 1) : price[from.part] ?? 0) * quantity
            }
        }
        if let b { put(b, quantity, value, first: exact != nil) }
        return value
    }

    func total(_ pool: String) -> Layer {
        (layers[pool] ?? []).reduce(Layer(quantity: 0, value: 0)) {
            Layer(quantity: $0.quantity + $1.quantity, value: $0.value + $1.value)
        }
    }

    private func estimate(_ pool: String, _ quantity: Int64) -> Int64 {
        let all = total(pool)
        return all.quantity == 0 ? 0 : half(all.value, quantity, all.quantity)
    }

    private mutating func put(_ pool: String, _ quantity: Int64, _ value: Int64, first: Bool) {
        let new = Layer(quantity: quantity, value: value)
        if method == .movingAverage {
            let all = total(pool)
            layers[pool] = [Layer(quantity: all.quantity + quantity, value: all.value + value)]
        } else if first {
            layers[pool, default: []].insert(new, at: 0)
        } else {
            layers[pool, default: []].append(new)
        }
    }

    private mutating func take(_ pool: String, _ quantity: Int64) throws -> Int64 {
        if method == .movingAverage {
            let cost = estimate(pool, quantity)
            return try takeBack(pool, quantity, cost)
        }
        var left = quantity
        var cost: Int64 = 0
        var rest: [Layer] = []
        for layer in layers[pool] ?? [] {
            let part = min(left, layer.quantity)
            let share = part == 0 ? 0 : half(layer.value, part, layer.quantity)
            left -= part
            cost += share
            if part < layer.quantity {
                rest.append(Layer(quantity: layer.quantity - part, value: layer.value - share))
            }
        }
        guard left == 0 else { throw Refused() }
        layers[pool] = rest
        return cost
    }

    private mutating func takeBack(_ pool: String, _ quantity: Int64, _ value: Int64) throws -> Int64 {
        if method == .movingAverage {
            let all = total(pool)
            let rest = Layer(quantity: all.quantity - quantity, value: all.value - value)
            guard rest.quantity >= 0, rest.value >= 0, rest.quantity > 0 || rest.value == 0 else {
                throw Refused()
            }
            layers[pool] = rest.quantity == 0 ? [] : [rest]
            return value
        }
        let wanted = Layer(quantity: quantity, value: value)
        guard let at = (layers[pool] ?? []).lastIndex(of: wanted) else { throw Refused() }
        layers[pool]?.remove(at: at)
        return value
    }

    // MARK: Reserving

    mutating func reserve(_ id: String, _ key: StockKey, _ quantity: Int64, ticket: String) throws {
        var left = quantity
        var rows: [StockKey: Int64] = [:]
        let free = onHand.keys.filter {
            $0.part == key.part && $0.place == key.place && $0.status == .usable && $0.owner.isEmpty
        }.sorted {
            (expiry[$0.batch] ?? 9_999_999, $0.batch, $0.serial)
                < (expiry[$1.batch] ?? 9_999_999, $1.batch, $1.serial)
        }
        for row in free where left > 0 && (expiry[row.batch] ?? Int.max) >= today {
            let part = min(left, (onHand[row] ?? 0) - reserved(row))
            if part > 0 { rows[row] = part }
            left -= max(0, part)
        }
        guard left == 0 else { throw Refused() }
        reservations[id] = (ticket, rows)
    }
}
