import Base
import ServiceLevels
import Store
import Web

/// Twelve months of response and solution rates, drawn by the server, with the table behind.
enum WorkTrend {
    private struct Month {
        var label: String
        var response: WorkRate
        var solution: WorkRate
    }

    static func html(_ call: Call, _ tx: Transaction) throws -> HTML {
        let zone = try TicketHouse.zone(tx)
        let bounds = WorkRates.months(12, zone, now: tx.now)
        let rates = try WorkRates.read(bounds, tx)
        let months = bounds.dropLast().enumerated().map { i, start in
            let (year, month, _) = CivilDate.date(dayNumber: zone.wall(start).dayNumber)
            return Month(
                label: "\(year)-\(twoDigits(month))",
                response: rates[.init(leg: .response, bucket: i, project: "")] ?? WorkRate(),
                solution: rates[.init(leg: .solution, bucket: i, project: "")] ?? WorkRate())
        }
        guard let last = months.last else { return "" }
        return """
            <section aria-labelledby="trend"><h2 id="trend" class="sec">\(call.t("trend.title"))</h2>\
            <div class="stack"><dl class="tiles">\(tile(call.t("trend.response"), last.response))\(tile(call.t("trend.solution"), last.solution))</dl>\
            <div class="panel"><div class="panel-head"><h3>\(call.t("trend.rates"))</h3><span class="muted small row-end">\(call.t("trend.population", ["zone": zone.identifier]))</span></div>\
            <div class="panel-body stack">\(chart(call, months))\(table(call, months))</div></div></div></section>
            """
    }

    static func tile(_ name: String, _ rate: WorkRate) -> HTML {
        """
        <div class="tile"><dt>\(name)</dt><dd><b>\(rate.text)</b><span class="muted small">\(rate.met) / \(rate.due)</span></dd></div>
        """
    }

    private static let left = 6.0
    private static let right = 86.0

    private static func chart(_ call: Call, _ months: [Month]) -> HTML {
        let shares = months.flatMap { [$0.response.share, $0.solution.share].compactMap { $0 } }
        // The scale begins at the ten below the worst month: all of it can be read.
        let floor = min(0.8, ((shares.min() ?? 0.8) * 10).rounded(.down) / 10)
        let label = call.t(
            "trend.label",
            [
                "from": months.first?.label ?? "", "to": months.last?.label ?? "",
                "r": months.last?.response.text ?? "–", "s": months.last?.solution.text ?? "–",
            ])
        func x(_ i: Int) -> Double { left + (right - left) * Double(i) / Double(max(1, months.count - 1)) }
        func y(_ share: Double) -> Double { 190 - 170 * (share - floor) / max(0.01, 1 - floor) }
        var h: HTML = "<svg class=\"chart\" height=\"220\" role=\"img\" aria-label=\"\(label)\">"
        for step in 0...4 {
            let share = floor + (1 - floor) * Double(step) / 4
            h += """
                <line class="c-grid" x1="\(pct(left))" x2="\(pct(right))" y1="\(px(y(share)))" y2="\(px(y(share)))"/>\
                <text x="4.8%" y="\(px(y(share) + 4))" text-anchor="end">\(Int((share * 100).rounded()))</text>
                """
        }
        for (i, month) in months.enumerated() {
            h += "<text x=\"\(pct(x(i)))\" y=\"212\" text-anchor=\"middle\">\(month.label.suffix(2))</text>"
        }
        h += line("c-l2", "c-d2", months.map(\.solution.share), x, y)
        h += line("c-l1", "c-d1", months.map(\.response.share), x, y)
        return h + legend(call, months.last, y) + "</svg>"
    }

    private static func line(
        _ stroke: String, _ dot: String, _ shares: [Double?], _ x: (Int) -> Double, _ y: (Double) -> Double
    ) -> HTML {
        var h: HTML = ""
        for (i, pair) in zip(shares, shares.dropFirst()).enumerated() {
            guard let a = pair.0, let b = pair.1 else { continue }
            h +=
                "<line class=\"\(stroke)\" x1=\"\(pct(x(i)))\" y1=\"\(px(y(a)))\" x2=\"\(pct(x(i + 1)))\" y2=\"\(px(y(b)))\"/>"
        }
        for (i, share) in shares.enumerated() {
            guard let share else { continue }
            h += "<circle class=\"\(dot)\" cx=\"\(pct(x(i)))\" cy=\"\(px(y(share)))\" r=\"3\"/>"
        }
        return h
    }

    /// Names at the lines' ends, kept apart where the ends lie close.
    private static func legend(_ call: Call, _ last: Month?, _ y: (Double) -> Double) -> HTML {
        var r = last?.response.share.map(y) ?? 40
        var s = last?.solution.share.map(y) ?? 90
        if abs(r - s) < 30 {
            let middle = min(165, max(35, (r + s) / 2))
            (r, s) = r <= s ? (middle - 16, middle + 16) : (middle + 16, middle - 16)
        }
        func entry(_ style: String, _ name: String, _ value: String, _ y: Double) -> HTML {
            """
            <text class="\(style)" x="88%" y="\(px(y))">\(name)</text><text class="\(style)" x="88%" y="\(px(y + 13))">\(value)</text>
            """
        }
        return entry("chart-t1", call.t("levels.leg.response"), last?.response.text ?? "–", r)
            + entry("chart-t2", call.t("levels.leg.solution"), last?.solution.text ?? "–", s)
    }

    private static func table(_ call: Call, _ months: [Month]) -> HTML {
        """
        <details class="fold"><summary><svg class="icon icon-turn" aria-hidden="true"><use href="\(StaticFiles.path("icons.svg"))#i-right"/></svg>\(call.t("trend.table"))</summary>\
        <div class="table-wrap" tabindex="0" role="region" aria-label="\(call.t("trend.rates"))"><table class="table table-compact"><caption class="vh">\(call.t("trend.rates"))</caption>\
        <thead><tr><th scope="col">\(call.t("trend.month"))</th><th scope="col" class="n">\(call.t("trend.column.response"))</th><th scope="col" class="n">\(call.t("trend.count"))</th>\
        <th scope="col" class="n">\(call.t("trend.column.solution"))</th><th scope="col" class="n">\(call.t("trend.count"))</th></tr></thead><tbody>\(months.html { m in
            """
            <tr><th scope="row">\(m.label)</th><td class="n">\(m.response.text)</td><td class="n">\(m.response.met) / \(m.response.due)</td>\
            <td class="n">\(m.solution.text)</td><td class="n">\(m.solution.met) / \(m.solution.due)</td></tr>
            """
        })</tbody></table></div></details>
        """
    }

    private static func pct(_ v: Double) -> String { px(v) + "%" }
    private static func px(_ v: Double) -> String {
        let tenths = Int((v * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
