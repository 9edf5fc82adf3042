import Base
import Foundation
import ServiceLevels

extension Bench {
    var header: String {
        pad("workload", 26) + pad("conn", 6) + pad("req/s", 9) + pad("p50 ms", 9) + pad("p99 ms", 9)
            + pad("CPU µs", 9)
            + pad("stmts", 7) + pad("bytes", 8) + "wrong"
    }

    func row(_ name: String, _ connections: Int, _ f: Figures) -> String {
        pad(name, 26) + pad(String(connections), 6) + pad(number(f.perSecond, 0), 9)
            + pad(number(f.p50, 2), 9)
            + pad(number(f.p99, 2), 9) + pad(number(f.cpu, 0), 9) + pad(String(f.statements), 7)
            + pad(String(f.bytes), 8) + String(f.wrong) + (f.wrong > 0 ? "  " + f.example.prefix(200) : "")
    }

    func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    private func mark(_ isMet: Bool) -> String { isMet ? "met   " : "MISSED" }

    func report(
        _ small: Measured, _ limits: [String: Limit], _ raw: (perSecond: Double, statements: Double)?,
        _ big: Measured?
    ) throws {
        let size = large ?? 0
        say("\n\(tickets) tickets: the limit is the bare route of as many bytes and the raw reads")
        say(
            pad("workload", 26) + pad("CPU µs", 9) + pad("bare", 8) + pad("raw", 8) + pad("limit", 8)
                + pad("share", 8)
                + "stmts")
        for line in small.lines {
            guard let l = limits[line.name] else { continue }
            let share = line.figures.cpu > 0 ? (l.bare + l.raw) / line.figures.cpu : 0
            say(
                pad(line.name, 26) + pad(number(line.figures.cpu, 0), 9) + pad(number(l.bare, 0), 8)
                    + pad(number(l.raw, 0), 8) + pad(number(l.bare + l.raw, 0), 8)
                    + pad(number(share * 100, 0) + " %", 8)
                    + number(l.statements, 1))
        }
        say("\ntargets")
        for name in ["W2 ticket page", "W2 ticket by API", "W3 50 open, page", "W3 50 open, API"] {
            guard let f = small[name], let l = limits[name], f.cpu > 0 else { continue }
            let share = (l.bare + l.raw) / f.cpu
            say("  \(mark(share >= 0.3)) \(name): \(number(share * 100, 0)) % of the limit (≥ 30 %)")
            say("  \(mark(f.statements <= 12)) \(name): \(f.statements) statements (≤ 12)")
        }
        for name in [
            "W7 page of a part", "W7 balances by API", "W7 movements by API", "W8 50 rows of stock, page",
            "W8 50 rows of stock, API",
        ] {
            guard let f = small[name], let l = limits[name], f.cpu > 0 else { continue }
            let share = (l.bare + l.raw) / f.cpu
            say("  \(mark(share >= 0.5)) \(name): \(number(share * 100, 0)) % of the limit (≥ 50 %)")
        }
        for end in ["", " x32"] {
            guard let f = small["W6 post an issue" + end], let w1 = small["W1 create" + end] else { continue }
            let share = f.perSecond / max(1, w1.perSecond)
            say("  \(mark(share >= 0.5)) W6\(end): \(number(share * 100, 0)) % of W1's rate (≥ 50 %)")
        }
        if let raw, let f = small["W1 create x32"] {
            say(
                "  \(mark(f.perSecond > raw.perSecond)) W1 at 32 connections: \(number(f.perSecond, 0))/s, raw engine with one commit a ticket \(number(raw.perSecond, 0))/s (\(number(raw.statements, 1)) statements), ratio \(number(f.perSecond / max(1, raw.perSecond), 2))"
            )
        }
        if let big {
            for name in [
                "W2 ticket page", "W2 ticket by API", "W3 50 open, page", "W3 50 open, API", "W5 respond",
            ] {
                guard let a = small[name], let b = big[name], a.cpu > 0 else { continue }
                let ratio = b.cpu / a.cpu
                let most = size > 200_000 ? 1.5 : 1.3
                say(
                    "  \(mark(ratio <= most)) \(name) at \(size): \(number(b.cpu, 0)) µs, \(number(ratio, 2)) × (≤ \(most))"
                )
            }
            say(
                "  \(mark(big.anonymous < 120)) RssAnon at \(size): \(number(big.anonymous, 0)) MB (< 120)"
            )
            say(
                "  \(mark(big.firstAnswer < 0.5)) first answer at \(size): \(number(big.firstAnswer, 2)) s (< 0.5)"
            )
        }
        say("  \(mark(small.anonymous < 120)) RssAnon: \(number(small.anonymous, 0)) MB (< 120)")
        say("  \(mark(small.firstAnswer < 0.5)) first answer: \(number(small.firstAnswer, 2)) s (< 0.5)")
        for (name, definition) in [
            ("24 × 7", try CalendarDefinition.always()),
            (
                "office hours",
                try CalendarDefinition.weekly(
                    id: "office", zone: "Asia/Shanghai", weekdays: 1...5,
                    spans: [DaySpan(from: 9 * 3600, to: 12 * 3600), DaySpan(from: 13 * 3600, to: 18 * 3600)])
            ),
        ] {
            let rate = try ClockBench.evaluationsPerSecond(
                calendar: try WorkCalendar(definition), nanoseconds: Load.nanoseconds)
            say(
                "  \(mark(rate >= 1e6)) clock, \(name): \(number(rate / 1e6, 2)) million evaluations a second (≥ 1)"
            )
        }
    }
}
