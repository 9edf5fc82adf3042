import Base
import People
import Store
import Web

/// Months and years of the accounts: closed, opened again, and how stock is valued.
enum PeriodPages {
    static func routes(_ routes: inout Routes) {
        InventoryPages.page("/stock/periods", &routes) { call, tx in try list(call, tx) }
        InventoryPages.page("/stock/periods/{month}", &routes) { call, tx in try one(call, tx) }
        for (step, isOpen) in [("closing", false), ("reopening", true)] {
            InventoryPages.form("/stock/periods/{month}/\(step)", &routes, again: one) { call, tx in
                let month = try month(of: call)
                try Inventory.requireBookkeeper(tx)
                if !isOpen, call.typed("sure") == nil, try PeriodOpen(month, call, tx).asks(tx) {
                    return try one(call, tx)
                }
                let reason = isOpen ? try call.input(ReasonInput.self).reason : nil
                let period = try Inventory.setPeriod(month, isOpen: isOpen, reason: reason, tx)
                return .redirect("/stock/periods/\(period.name)?done=period_\(step)")
            }
        }
        InventoryPages.form("/stock/valuation-years", &routes, again: list) { call, tx in
            try Inventory.requireBookkeeper(tx)
            let input = try call.input(YearInput.self)
            try Inventory.setYear(input.year, input.method ?? .movingAverage, tx)
            return .redirect("/stock/periods?done=saved")
        }
    }

    private static func month(of call: Call) throws -> Int {
        guard let month = PeriodInput.month(call.parameter("month")) else { throw Failure.notFound() }
        return month
    }

    static func state(_ isOpen: Bool, _ call: Call) -> HTML {
        isOpen
            ? "<span class=\"tag tag-ok\">\(call.t("stock.period.open"))</span>"
            : "<span class=\"tag\">\(Icon.lock)\(call.t("stock.period.closed"))</span>"
    }

    // MARK: List

    private static func list(_ call: Call, _ tx: Transaction) throws -> Reply {
        let known = Dictionary(
            try Inventory.periods(tx).map { ($0.month, $0) }, uniquingKeysWith: { a, _ in a })
        let months = Set(try Inventory.months(tx)).union(known.keys).sorted(by: >)
        let people = try People.names(of: known.values.compactMap(\.changedBy), tx)
        func t(_ key: String) -> String { call.t("stock.f.\(key)") }
        let today = CivilDate.date(dayNumber: call.zone.wall(call.now).dayNumber)
        let running = today.year * 100 + today.month
        let rows = months.html { month in
            let period = known[month]
            let name = StockPeriod.name(month)
            let isDue = period?.isOpen ?? true && month < running && tx.actor.hasAny(Inventory.bookkeepers)
            let close: HTML =
                isDue
                ? " <a class=\"btn btn-s\" href=\"/stock/periods/\(name)\">\(call.t("stock.period.closing"))</a>"
                : ""
            return """
                <tr><td class="card-title"><a class="title num" href="/stock/periods/\(name)">\(name)</a></td>\
                <td data-label="\(call.t("stock.period.state"))">\(state(period?.isOpen ?? true, call))\(close)</td>\
                <td data-label="\(call.t("stock.period.changed"))">\(period.map { Times(call).short($0.changedAt) } ?? "" as HTML)</td>\
                <td data-label="\(t("who"))">\(period?.changedBy.flatMap { people[$0] })</td>\
                <td class="wide" data-label="\(call.t("form.reason"))">\(period?.reason)</td></tr>
                """
        }
        let columns = [
            call.t("stock.period.month"), call.t("stock.period.state"), call.t("stock.period.changed"),
            t("who"), call.t("form.reason"),
        ]
        let table: HTML =
            months.isEmpty
            ? Parts.empty(call.t("stock.periods.none"), call.t("stock.periods.none.hint"))
            : Parts.table(call.t("stock.periods"), columns, rows)
        return try Layout.page(
            call, tx, title: call.t("stock.periods"), current: "/stock/periods",
            """
            \(Parts.head(call.t("stock.periods"), lead: call.t("stock.periods.lead")))\(Form(call).summary)\
            <div class="split-wide"><div>\(table)</div><aside class="stack-l">\(try years(call, tx))</aside></div>
            """)
    }

    private static func years(_ call: Call, _ tx: Transaction) throws -> HTML {
        let all = try Inventory.years(tx)
        let people = try People.names(of: all.compactMap(\.changedBy), tx)
        func name(_ method: CostPool.Method) -> String { call.t("stock.method.\(method.rawValue)") }
        let list: HTML =
            all.isEmpty
            ? ""
            : "<ul class=\"lines\">\(all.html { y in "<li><span><strong class=\"num\">\(y.year)</strong> \(name(y.method))<br><span class=\"tiny muted\">\(y.changedBy.flatMap { people[$0] } ?? call.t("history.system")) · \(Times(call).short(y.changedAt))</span></span></li>" })</ul>"
        let year = CivilDate.date(dayNumber: call.zone.wall(call.now).dayNumber).year
        let form = Form(call)
        let change: HTML =
            tx.actor.hasAny(Inventory.bookkeepers)
            ? """
            \(form.open("/stock/valuation-years", class: "stack"))\
            \(form.text("year", call.t("stock.year"), value: String(year + 1), width: "w-s", required: true, inputMode: "numeric"))\
            \(form.radios("method", call.t("stock.method"), CostPool.Method.allCases.map { ($0.rawValue, name($0), call.t("stock.method.\($0.rawValue).hint")) }, value: CostPool.Method.movingAverage.rawValue))\
            <div><button class="btn" type="submit">\(call.t("form.save"))</button></div></form>
            """ : ""
        return Parts.panel(
            call.t("stock.years"),
            "<p class=\"muted small\">\(call.t("stock.years.lead"))</p>\(list)\(change)", id: "years")
    }

    // MARK: One

    /// Says what would stay open, and where something would, is pressed twice.
    private static func closing(_ month: Int, _ path: String, _ call: Call, _ tx: Transaction) throws -> HTML
    {
        let open = try PeriodOpen(month, call, tx)
        let asks = call.method == "POST" && call.failure == nil
        var said = open.words(call).html { "<li>\($0)</li>" }
        if !open.isEmpty {
            said = """
                <div class="banner banner-warn" role="\(asks ? "alert" : "status")">\(Icon.alert)<div><p>\(call.t("stock.period.still_open"))</p><ul>\(said)</ul></div></div>
                """
        }
        let sure: HTML = asks ? "<input type=\"hidden\" name=\"sure\" value=\"1\">" : ""
        return """
            \(said)<p class="muted">\(call.t("stock.period.closing.hint"))</p>\(Form(call).open(path + "/closing", class: ""))\(sure)\
            <button class="btn \(asks ? "btn-danger" : "btn-primary")" type="submit">\(Icon.lock)\(call.t(asks ? "stock.period.closing.sure" : "stock.period.closing"))</button></form>
            """
    }

    private static func one(_ call: Call, _ tx: Transaction) throws -> Reply {
        let month = try month(of: call)
        let period = try Inventory.period(month, tx)
        let isOpen = period?.isOpen ?? true
        let name = StockPeriod.name(month)
        let form = Form(call)
        let path = "/stock/periods/\(name)"
        var step = HTML()
        if tx.actor.hasAny(Inventory.bookkeepers) {
            step =
                isOpen
                ? try closing(month, path, call, tx)
                : """
                \(form.open(path + "/reopening", class: "stack"))\(form.area("reason", call.t("form.reason"), rows: 2, required: true))\
                <div><button class="btn btn-primary" type="submit">\(call.t("stock.period.reopening"))</button></div></form>
                """
        }
        var facts: [(String, HTML)] = [(call.t("stock.period.state"), state(isOpen, call))]
        if let period {
            let who = try People.names(of: [period.changedBy].compactMap { $0 }, tx)
            facts.append((call.t("stock.period.changed"), Times(call).full(period.changedAt)))
            facts.append(
                (
                    call.t("stock.f.who"),
                    "\(period.changedBy.flatMap { who[$0] } ?? call.t("history.system"))"
                ))
            if let reason = period.reason { facts.append((call.t("form.reason"), "\(reason)")) }
        }
        return try Layout.page(
            call, tx, title: name, current: "/stock/periods",
            """
            \(Parts.head(call.t("stock.period", ["month": name]), crumbs: [("/stock/periods", call.t("stock.periods"))], state(isOpen, call)))\(form.summary)\
            <div class="split-wide"><div class="stack-l">\(step.isEmpty ? "" as HTML : Parts.panel(call.t("stock.next"), step, id: "next"))\
            \(try Parts.history(of: Subject("stock_period", String(month)), call, tx))</div>\
            <aside class="stack-l">\(Parts.panel(call.t("stock.facts"), Parts.facts(facts)))</aside></div>
            """)
    }
}

/// What of a month is still open, so that closing it is thought of twice.
struct PeriodOpen {
    private var counts: [(key: String, n: Int64)] = []
    private let month: Int
    private let isOver: Bool
    private let hasBegun: Bool

    /// Whether closing is asked for twice; what can't be closed at all is refused at once.
    func asks(_ tx: Transaction) throws -> Bool {
        try !isEmpty && hasBegun && (Inventory.period(month, tx)?.isOpen ?? true)
    }

    var isEmpty: Bool { isOver && counts.allSatisfy { $0.n == 0 } }

    init(_ month: Int, _ call: Call, _ tx: Transaction) throws {
        let first = CivilDate.dayNumber(year: month / 100, month: month % 100, day: 1)
        let next = first + CivilDate.daysInMonth(year: month / 100, month: month % 100)
        self.month = month
        hasBegun = call.zone.wall(call.now).dayNumber + 1 >= first
        isOver = call.zone.wall(call.now).dayNumber >= next
        // Days since 1970; what has no accounting day yet counts by the day on which it was written.
        let end = Instant(seconds: Int64(next) * 86_400)
        let day: SQL = """
            ((d.posted_on >= \(first) and d.posted_on < \(next))
              or (d.posted_on is null and d.created_at >= \(Instant(seconds: Int64(first) * 86_400))
                and d.created_at < \(end)))
            """
        let all: [(String, SQL)] = [
            ("draft", "d.state = 'draft' and \(day)"),
            ("submitted", "d.state in ('submitted', 'approved') and \(day)"),
            (
                "transit",
                """
                d.state = 'posted' and d.kind in ('transfer', 'shipment') and d.reversal_of is null
                  and d.reversed_by is null and d.posted_on < \(next)
                """
            ),
        ]
        for (key, condition) in all {
            counts.append(
                (
                    key,
                    try tx.int(
                        "select count(*) from (select 1 from stock_document d where \(condition) limit 1000) x"
                    )
                ))
        }
    }

    func words(_ call: Call) -> [String] {
        (isOver ? [] : [call.t("stock.period.not_over")])
            + counts.filter { $0.n > 0 }.map {
                call.t("stock.period.has.\($0.key)", ["n": String($0.n)])
            }
    }
}

extension Inventory {
    /// The months from the first posting to the present, at most ten years of them.
    static func months(_ tx: Transaction) throws -> [Int] {
        let today = today("UTC", tx)
        let first = try tx.first("select posted_on from stock_movement order by posted_on limit 1") {
            Int($0.int())
        }
        guard let first else { return [] }
        let (y, m, _) = CivilDate.date(dayNumber: first)
        let (year, month, _) = CivilDate.date(dayNumber: today)
        let last = year * 12 + month - 1
        return (max(y * 12 + m - 1, last - 119)...max(last, y * 12 + m - 1)).suffix(120).map {
            $0 / 12 * 100 + $0 % 12 + 1
        }
    }

    static func period(_ month: Int, _ tx: Transaction) throws -> StockPeriod? {
        try periods(tx, "month = \(month)").first
    }
}
