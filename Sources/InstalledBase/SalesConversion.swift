import Base
import Store
import Web

/// How many of those who bought became service customers, and how fast: of the units delivered in a
/// period, how many are in service, and the days from delivery to service.
public struct SalesConversion: Sendable, Equatable {
    public var delivered: Int64
    public var inService: Int64
    public var buyers: Int64
    /// Buyers with at least one unit in service.
    public var served: Int64
    /// Days from delivery to service, of the units in service.
    public var meanDays: Double?
    public var medianDays: Double?
    public var mostDays: Int64?

    /// Units in service as a share of those delivered; nil where none was.
    public var rate: Double? { delivered == 0 ? nil : Double(inService) / Double(delivered) }

    init(_ rows: [(customer: String?, delivered: Int64, accepted: Int64?)]) {
        delivered = Int64(rows.count)
        let days = rows.compactMap { row in row.accepted.map { $0 - row.delivered } }.sorted()
        inService = Int64(days.count)
        buyers = Int64(Set(rows.compactMap(\.customer)).count)
        served = Int64(Set(rows.filter { $0.accepted != nil }.compactMap(\.customer)).count)
        guard let last = days.last else { return }
        mostDays = last
        meanDays = Double(days.reduce(0, +)) / Double(days.count)
        let middle = days.count / 2
        medianDays =
            days.count % 2 == 1 ? Double(days[middle]) : Double(days[middle - 1] + days[middle]) / 2
    }

    static let shape = Shape<SalesConversion>(
        "SalesConversion",
        [
            .int("delivered") { $0.delivered }, .int("in_service") { $0.inService },
            .any("rate", schema: .make(["type": ["number", "null"]])) {
                $0.rate.map { .double($0) } ?? .null
            },
            .int("buyers") { $0.buyers }, .int("served") { $0.served },
            .any("mean_days", schema: .make(["type": ["number", "null"]])) {
                $0.meanDays.map { .double($0) } ?? .null
            },
            .any("median_days", schema: .make(["type": ["number", "null"]])) {
                $0.medianDays.map { .double($0) } ?? .null
            },
            .int("most_days") { $0.mostDays },
        ])
}

extension InstalledBase {
    /// Over units delivered in a period (day numbers, both inclusive) that the actor sees.
    public static func conversion(from: Int, until: Int, _ tx: Transaction) throws -> SalesConversion {
        SalesConversion(
            try tx.rows(
                """
                select u.customer_id, u.delivered_on, u.accepted_on from product_unit u
                where u.delivered_on >= \(from) and u.delivered_on <= \(until)
                  and u.customer_id is not null and \(InstalledAccess.visible(to: tx.actor))
                """
            ) { (customer: $0.textOrNil(), delivered: $0.int(), accepted: $0.intOrNil()) })
    }
}

struct ConversionQuery: Command {
    var from: Int?
    var until: Int?
    init(_ read: inout FieldReader) {
        from = read.optionalDay("from")
        until = read.optionalDay("until")
        if let from, let until, until < from { read.fault("until", "field.ends_before") }
    }
}
