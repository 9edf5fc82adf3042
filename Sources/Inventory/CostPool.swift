import Base

/// What the stock of a part is worth, in layers of quantity and value; pure.
///
/// Moving average keeps one layer; first in, first out keeps one for each entry. What leaves takes its
/// rounded share, and whoever takes the last takes the remainder with it, so that nothing is ever lost or
/// made by rounding.
public struct CostPool: Sendable {
    public enum Method: String, Sendable, CaseIterable {
        case movingAverage = "moving_average"
        case fifo
    }
    public enum Name: String, Sendable, CaseIterable { case sound, worn }

    public struct Layer: Sendable, Equatable {
        public var seq: Int64
        public var quantity: Int64
        public var value: Int64
    }

    public let method: Method
    public private(set) var layers: [Layer]

    public init(_ method: Method, _ layers: [Layer] = []) {
        self.method = method
        self.layers = layers.sorted { $0.seq < $1.seq }
    }

    public var quantity: Int64 { layers.reduce(0) { $0 &+ $1.quantity } }
    public var value: Int64 { layers.reduce(0) { $0 &+ $1.value } }

    /// `value × part ÷ whole`, halves up. All of them at least 0 and `part` at most `whole`.
    static func share(_ value: Int64, _ part: Int64, of whole: Int64) -> Int64 {
        guard whole > 0 else { return 0 }
        let doubled = Int128(value) * Int128(part) * 2 + Int128(whole)
        return Int64(truncatingIfNeeded: doubled / (Int128(whole) * 2))
    }

    /// What so many would cost now, without taking them.
    public func estimate(_ quantity: Int64) -> Int64 {
        let whole = self.quantity
        guard whole > 0 else { return 0 }
        return quantity <= whole ? CostPool.share(value, quantity, of: whole) : value
    }

    /// Puts in; false where the sums would leave what an integer holds.
    /// - Parameter first: what comes back was the oldest
    mutating func put(_ quantity: Int64, _ value: Int64, first: Bool = false) -> Bool {
        guard CostPool.adds(self.quantity, quantity), CostPool.adds(self.value, value) else { return false }
        if method == .movingAverage {
            let seq = layers.first?.seq ?? 1
            layers = [
                Layer(seq: seq, quantity: self.quantity + quantity, value: self.value + value)
            ]
        } else if first, let oldest = layers.first {
            layers.insert(Layer(seq: oldest.seq - 1, quantity: quantity, value: value), at: 0)
        } else {
            layers.append(Layer(seq: (layers.last?.seq ?? 0) + 1, quantity: quantity, value: value))
        }
        return true
    }

    private static func adds(_ a: Int64, _ b: Int64) -> Bool {
        let sum = a.addingReportingOverflow(b)
        return !sum.overflow && sum.partialValue <= 4_000_000_000_000_000_000
    }

    /// Takes out; what it cost, or nil where there is not as much.
    mutating func take(_ quantity: Int64) -> Int64? {
        guard quantity <= self.quantity else { return nil }
        if method == .movingAverage {
            let cost = CostPool.share(value, quantity, of: self.quantity)
            shrinkToOne(quantity, cost)
            return cost
        }
        var left = quantity
        var cost: Int64 = 0
        while left > 0, let oldest = layers.first {
            let part = min(left, oldest.quantity)
            let share = CostPool.share(oldest.value, part, of: oldest.quantity)
            cost += share
            left -= part
            if part == oldest.quantity {
                layers.removeFirst()
            } else {
                layers[0].quantity -= part
                layers[0].value -= share
            }
        }
        return cost
    }

    /// Takes out what an entry had put in, at exactly its value; false where it is no longer there.
    mutating func takeBack(_ quantity: Int64, _ value: Int64) -> Bool {
        if method == .movingAverage {
            let rest = (self.quantity - quantity, self.value - value)
            guard rest.0 >= 0, rest.1 >= 0, rest.0 > 0 || rest.1 == 0 else { return false }
            shrinkToOne(quantity, value)
            return true
        }
        guard let found = run(of: quantity, value) else { return false }
        layers.removeSubrange(found)
        return true
    }

    /// The layers that together hold just so much: one, or neighbours, where some of an entry was taken and came
    /// back.
    private func run(of quantity: Int64, _ value: Int64) -> ClosedRange<Int>? {
        if let at = layers.lastIndex(where: { $0.quantity == quantity && $0.value == value }) {
            return at...at
        }
        for first in layers.indices {
            var sum = (quantity: 0 as Int64, value: 0 as Int64)
            for last in first..<layers.count where sum.quantity < quantity {
                sum = (sum.quantity + layers[last].quantity, sum.value + layers[last].value)
                if sum == (quantity, value) { return first...last }
            }
        }
        return nil
    }

    private mutating func shrinkToOne(_ quantity: Int64, _ value: Int64) {
        let rest = Layer(
            seq: layers.first?.seq ?? 1, quantity: self.quantity - quantity, value: self.value - value)
        layers = rest.quantity > 0 ? [rest] : []
    }
}
