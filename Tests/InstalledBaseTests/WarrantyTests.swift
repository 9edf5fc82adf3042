import Base
import InstalledBase
import Testing

/// Whether a unit is covered, by what and until when.
@Suite struct WarrantyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var on: String
        var from: String?
        var until: String?
        var hours: Int64?
        var readings: [(String, Int64)] = []
        var covers: [(String, String)] = []
        var isIn: Bool
        var by: WarrantyVerdict.By?
        var end: String?
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        .init(name: "nothing was agreed", on: "2026-03-09", isIn: false),
        .init(
            name: "the last day counts", on: "2026-06-07", from: "2023-06-08", until: "2026-06-07",
            isIn: true,
            by: .date, end: "2026-06-07"),
        .init(
            name: "the day after does not", on: "2026-06-08", from: "2023-06-08", until: "2026-06-07",
            isIn: false, by: .date, end: "2026-06-07"),
        .init(
            name: "not begun", on: "2026-06-08", from: "2026-06-09", until: "2027-06-08", isIn: false,
            by: .date, end: "2027-06-08"),
        .init(
            name: "hours alone, never read", on: "2026-06-08", hours: 1000, isIn: true, by: .hours),
        // 500 h in 100 days: 500 h more take 100 days more.
        .init(
            name: "hours alone, carried on", on: "2026-04-15", hours: 1000,
            readings: [("2026-01-01", 0), ("2026-04-11", 500)], isIn: true, by: .hours, end: "2026-07-20"),
        .init(
            name: "hours reached", on: "2026-04-15", hours: 500,
            readings: [("2026-01-01", 0), ("2026-04-11", 500)], isIn: false, by: .hours, end: "2026-04-10"),
        .init(
            name: "the earlier of date and hours: hours", on: "2026-04-15", from: "2026-01-01",
            until: "2027-12-31", hours: 1000, readings: [("2026-01-01", 0), ("2026-04-11", 500)], isIn: true,
            by: .hours, end: "2026-07-20"),
        .init(
            name: "the earlier of date and hours: date", on: "2026-04-15", from: "2026-01-01",
            until: "2026-05-31", hours: 1000, readings: [("2026-01-01", 0), ("2026-04-11", 500)], isIn: true,
            by: .date, end: "2026-05-31"),
        .init(
            name: "one reading counts from the beginning", on: "2026-04-15", from: "2026-01-01",
            until: "2027-12-31", hours: 1000, readings: [("2026-04-11", 500)], isIn: true, by: .hours,
            end: "2026-07-20"),
        .init(
            name: "after warranty a contract covers", on: "2026-06-08", from: "2023-06-08",
            until: "2026-06-07", covers: [("2023-07-01", "2028-06-30")], isIn: true, by: .contract,
            end: "2028-06-30"),
        .init(
            name: "the contract that ends last", on: "2026-06-08",
            covers: [("2026-01-01", "2026-12-31"), ("2026-01-01", "2027-12-31")], isIn: true, by: .contract,
            end: "2027-12-31"),
        .init(
            name: "an ended contract does not", on: "2026-06-08", from: "2023-06-08", until: "2026-06-07",
            covers: [("2023-07-01", "2026-06-07")], isIn: false, by: .date, end: "2026-06-07"),
    ]

    @Test(arguments: cases) func verdict(_ c: Case) {
        let v = Warranty.verdict(
            on: day(c.on), from: c.from.map(day), until: c.until.map(day), hours: c.hours,
            readings: c.readings.map { .init(day: day($0.0), total: $0.1) },
            covers: c.covers.enumerated().map {
                Cover(
                    contract: ContractID("c\($0.offset)"), from: day($0.element.0), until: day($0.element.1))
            })
        #expect(v.isIn == c.isIn)
        #expect(v.by == c.by)
        #expect(v.until.map { CivilDate.text(dayNumber: $0) } == c.end)
    }

    @Test(arguments: [
        ("2023-06-08", 36, "2026-06-07"), ("2024-02-29", 12, "2025-02-27"), ("2026-01-31", 1, "2026-02-27"),
        ("2025-12-01", 1, "2025-12-31"), ("2026-03-01", 24, "2028-02-29"),
    ])
    func months(_ from: String, _ months: Int, _ until: String) {
        #expect(CivilDate.text(dayNumber: Warranty.until(from: day(from), months: months)) == until)
    }

    /// More hours never end a warranty earlier, and a verdict never says "in" after its own end.
    @Test func neverContradictsItself() {
        let seed = UInt64.random(in: 1...UInt64.max)
        print("seed \(seed)")
        var random = SeededRandom(seed)
        for _ in 0..<2000 {
            var total: Int64 = 0
            var at = 20_000
            let readings = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                at += Int.random(in: 1...200, using: &random)
                total += Int64.random(in: 0...4000, using: &random)
                return Warranty.Reading(day: at, total: total)
            }
            let hours = Int64.random(in: 1...20_000, using: &random)
            let today = at + Int.random(in: -100...400, using: &random)
            func verdict(_ hours: Int64) -> WarrantyVerdict {
                Warranty.verdict(
                    on: today, from: 20_000, until: nil, hours: hours, readings: readings, covers: [])
            }
            let (less, more) = (verdict(hours), verdict(hours + 100))
            if less.isIn { #expect(more.isIn, "seed \(seed)") }
            if let until = less.until {
                #expect(less.isIn == (today <= until && today >= 20_000), "seed \(seed)")
            }
        }
    }

    @Test(arguments: [
        (20 as Int64?, nil as Int?, 19 as Int64, true), (20, nil, 20, false), (nil, 100, 999, true),
        (nil, 99, 0, false), (nil, nil, 0, false), (5, 99, 4, true), (0, nil, 0, false),
    ])
    func earlyLife(_ tickets: Int64?, _ until: Int?, _ before: Int64, _ flagged: Bool) {
        #expect(Watch.holds(tickets: tickets, until: until, before: before, on: 100) == flagged)
    }
}
