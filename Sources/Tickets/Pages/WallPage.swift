import Base
import ServiceLevels
import Store
import Web

/// The wall of deadlines: what breaches where, by project; made to be read from across a room.
enum WallPage {
    private struct Tally {
        var open = 0
        var over = 0
        var soon = 0
        static func + (a: Tally, b: Tally) -> Tally {
            Tally(open: a.open + b.open, over: a.over + b.over, soon: a.soon + b.soon)
        }
    }

    private struct Line {
        var id: String
        var name: String
        var sites: Int
        var cells: [Int: Tally] = [:]
        var all: Tally { cells.values.reduce(Tally(), +) }
    }

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        guard actor.isStaff, WorkPage.seesTickets(actor) else { throw Failure.notFound() }
        let book = try ServiceLevels.book(tx)
        let zone = try TicketHouse.zone(tx)
        let lines = try lines(call, tx)
        let month = WorkRates.months(1, zone, now: tx.now)
        let rates = try WorkRates.read(month, byProject: true, tx)
        let due = try tx.ticketRows(
            where: "t.is_open = 1 and t.due_at <= \(tx.now + .hours(24))", order: "t.due_at, t.id", limit: 200
        )
        let clocks = due.map { ($0.named(call.language), WorkClock($0, book, now: call.now)) }
        let total = lines.map(\.all).reduce(Tally(), +)
        let paused = try tx.countTickets("t.is_open = 1 and t.state = 'waiting_on_customer'")

        var h = WorkParts.head(call.t("wall.title"), "\(call.t("wall.lead"))", zones(call, due))
        h += "<div class=\"stack\" id=\"wall\" data-live>"
        h += tiles(call, total, paused, clocks, rates)
        h += axis(call, clocks)
        h += "<div class=\"wall-grid\">\(matrix(call, lines, rates))\(next(call, clocks))</div></div>"
        return try Layout.page(call, tx, title: call.t("wall.title"), current: "/wall", frame: .wall, h)
    }

    /// Open tickets by project and grade; 0 stands for what is not graded yet.
    private static func lines(_ call: Call, _ tx: Transaction) throws -> [Line] {
        var out: [String: Line] = [:]
        try tx.each(
            """
            select coalesce(t.project_id, ''), coalesce(t.priority, 0), count(*),
              sum(case when t.due_at <= \(tx.now) then 1 else 0 end),
              sum(case when t.due_at > \(tx.now) and t.due_at <= \(tx.now + .hours(24)) then 1 else 0 end)
            from ticket t where \(TicketAccess.visible(to: tx.actor)) and t.is_open = 1
            group by coalesce(t.project_id, ''), coalesce(t.priority, 0)
            """
        ) { r in
            let id = r.text()
            let priority = r.count()
            let tally = Tally(open: r.count(), over: r.count(), soon: r.count())
            out[id, default: Line(id: id, name: "", sites: 0)].cells[priority] = tally
        }
        let english = call.language == .english
        try tx.each(
            """
            select p.id, p.name, p.name_en, (select count(*) from site s where s.project_id = p.id)
            from project p where p.id in \(list: out.keys.sorted())
            """
        ) { r in
            let id = r.text()
            let name = r.text()
            let latin = r.textOrNil()
            out[id]?.name = english ? latin ?? name : name
            out[id]?.sites = r.count()
        }
        return out.values.sorted {
            ($0.all.over, $0.all.soon, $0.all.open, $1.name) > (
                $1.all.over, $1.all.soon, $1.all.open, $0.name
            )
        }
    }

    private static func zones(_ call: Call, _ rows: [TicketRow]) -> HTML {
        var shown: [(String, Zone)] = []
        var seen = Set<Int>([call.zone.offsetSeconds(at: call.now)])
        for row in rows {
            guard let name = row.siteName, let zone = row.siteZone.flatMap({ Zone($0) }), shown.count < 3,
                seen.insert(zone.offsetSeconds(at: call.now)).inserted
            else { continue }
            shown.append((row.named(call.language).siteName ?? name, zone))
        }
        let all = [(call.t("wall.here"), call.zone)] + shown
        return """
            <div class="zones">\(all.html { "<span>\($0.0) <b class=\"num\">\($0.1.wall(call.now).clock)</b></span>" })</div>
            """
    }

    private static func tiles(
        _ call: Call, _ total: Tally, _ paused: Int, _ clocks: [(TicketRow, WorkClock)],
        _ rates: [WorkRates.Key: WorkRate]
    ) -> HTML {
        func tile(_ name: String, _ value: HTML, _ note: String) -> HTML {
            "<div class=\"tile\"><dt>\(name)</dt><dd>\(value)<span class=\"muted small\">\(note)</span></dd></div>"
        }
        let worst = clocks.filter { $0.1.kind == .over }.map { $0.1.left }.min()
        let toAnswer = clocks.filter { $0.1.kind == .running && $0.1.leg == .response }.count
        let over: HTML =
            "<b\(HTML.when(total.over > 0, " class=\"bad\""))><a href=\"/tickets?state=open&amp;overdue=1\">\(total.over)</a></b>"
        let soon: HTML = "<b\(HTML.when(total.soon > 0, " class=\"warn\""))>\(total.soon)</b>"
        return """
            <dl class="tiles">\(tile(call.t("wall.over"), over, worst.map { call.t("wall.worst", ["span": Times.span($0)]) } ?? ""))\
            \(tile(call.t("wall.soon"), soon, toAnswer > 0 ? call.t("wall.to_answer", ["n": "\(toAnswer)"]) : ""))\
            \(tile(call.t("wall.open"), "<b><a href=\"/tickets?state=open\">\(total.open)</a></b>", ""))\
            \(tile(call.t("wall.paused"), "<b>\(paused)</b>", call.t("wall.paused.note")))\
            \(WorkTrend.tile(call.t("wall.r"), sum(rates, .response)))\(WorkTrend.tile(call.t("wall.s"), sum(rates, .solution)))</dl>
            """
    }

    private static func sum(_ rates: [WorkRates.Key: WorkRate], _ leg: Leg) -> WorkRate {
        rates.filter { $0.key.leg == leg }.values.reduce(into: WorkRate()) {
            $0.met += $1.met
            $0.missed += $1.missed
        }
    }

    /// The coming 24 hours: one mark for each deadline, the more urgent the taller.
    private static func axis(_ call: Call, _ clocks: [(TicketRow, WorkClock)]) -> HTML {
        let soon = clocks.filter { $0.1.kind == .running }
        let names = soon.prefix(40).map {
            "\(call.zone.wall($0.1.due ?? call.now).clock) \($0.0.priority?.code ?? "–")"
        }
        let label = call.t("wall.axis", ["n": "\(soon.count)", "list": names.joined(separator: ", ")])
        func x(_ t: Instant) -> String {
            WorkParts.percent(Double((t - call.now).ms) / Double(Span.hours(24).ms))
        }
        var h: HTML = """
            <svg class="clock wall-axis" height="56" role="img" aria-label="\(label)"><rect class="k-outside" y="33" width="100%" height="2"/>\
            <text x="0%" y="51" text-anchor="start">\(call.t("wall.now"))</text>
            """
        // Full hours of the reader's clock, every third.
        let wall = call.zone.wall(call.now)
        for hour in 1...26 {
            let at = call.zone.instant(
                WallTime(
                    dayNumber: wall.dayNumber + (wall.secondOfDay / 3600 + hour) / 24,
                    secondOfDay: (wall.secondOfDay / 3600 + hour) % 24 * 3600))
            let shown = (wall.secondOfDay / 3600 + hour) % 24
            let ahead = at - call.now
            guard shown % 3 == 0, ahead > .minutes(110), ahead < .hours(24) else { continue }
            h += """
                <line class="k-tick" x1="\(x(at))" x2="\(x(at))" y1="34" y2="39"/><text x="\(x(at))" y="51" text-anchor="middle">\(twoDigits(shown))</text>
                """
        }
        for (row, clock) in soon {
            guard let due = clock.due else { continue }
            let grade = row.priority?.rawValue ?? 4
            let height = 34 - 6 * grade
            h +=
                "<rect class=\"wp\(grade)\" x=\"\(x(due))\" y=\"\(32 - height)\" width=\"6\" height=\"\(height)\" rx=\"1\"/>"
        }
        let key = Priority.allCases.html { p in
            "<li>\(WorkParts.priority(call, p))\(soon.filter { $0.0.priority == p }.count)</li>"
        }
        return """
            <section class="panel" aria-labelledby="axis-t"><div class="panel-body"><div class="row"><h2 id="axis-t">\(call.t("wall.next24"))</h2>\
            <ul class="key row-end">\(key)</ul></div>\(h)</svg></div></section>
            """
    }

    private static func matrix(_ call: Call, _ lines: [Line], _ rates: [WorkRates.Key: WorkRate]) -> HTML {
        guard !lines.isEmpty else {
            return WorkParts.empty(call.t("wall.empty"), call.t("wall.empty.hint"))
        }
        let hasUngraded = lines.contains { ($0.cells[0]?.open ?? 0) > 0 }
        let grades = [1, 2, 3, 4] + (hasUngraded ? [0] : [])
        func cells(_ tallies: [Int: Tally]) -> HTML { grades.html { cell(tallies[$0]) } }
        func rate(_ leg: Leg, _ project: String) -> HTML {
            let r = rates[.init(leg: leg, bucket: 0, project: project)] ?? WorkRate()
            let isBad = (r.share ?? 1) < 0.9
            return "<td class=\"n\(isBad ? " bad" : "")\" title=\"\(r.met) / \(r.due)\">\(r.text)</td>"
        }
        var totals: [Int: Tally] = [:]
        for line in lines {
            for (grade, tally) in line.cells { totals[grade] = (totals[grade] ?? Tally()) + tally }
        }
        return """
            <div><h2 class="vh">\(call.t("wall.matrix"))</h2><div class="table-wrap" tabindex="0" role="region" aria-label="\(call.t("wall.matrix"))">\
            <table class="table"><caption class="vh">\(call.t("wall.matrix.caption"))</caption><thead><tr><th scope="col">\(call.t("work.project"))</th>\
            \(Priority.allCases.html { "<th scope=\"col\" class=\"n\">\(WorkParts.priority(call, $0))</th>" })\
            \(HTML.when(hasUngraded, "<th scope=\"col\" class=\"n\">\(WorkParts.priority(call, nil))</th>"))\
            <th scope="col" class="n" title="\(call.t("wall.r"))">R</th><th scope="col" class="n" title="\(call.t("wall.s"))">S</th></tr></thead>\
            <tbody>\(lines.html { line in
                """
                <tr><th scope="row" class="proj">\(project(call, line))</th>\(cells(line.cells))\(rate(.response, line.id))\(rate(.solution, line.id))</tr>
                """
            })</tbody><tfoot><tr><td>\(call.t("wall.total"))</td>\(cells(totals))<td class="n">\(sum(rates, .response).text)</td>\
            <td class="n">\(sum(rates, .solution).text)</td></tr></tfoot></table></div>\
            <ul class="key wall-key"><li><b>7</b> \(call.t("wall.key.open"))</li><li><span class="tag tag-warn">\(Icon.clock)1</span> \(call.t("wall.key.soon"))</li>\
            <li><span class="tag tag-bad">\(Icon.alert)1</span> \(call.t("wall.key.over"))</li>\
            <li><b>R</b> \(call.t("wall.key.r"))</li><li><b>S</b> \(call.t("wall.key.s"))</li>\(HTML.when(hasUngraded, "<li><b>–</b> \(call.t("wall.key.ungraded"))</li>"))</ul></div>
            """
    }

    private static func project(_ call: Call, _ line: Line) -> HTML {
        guard !line.id.isEmpty else { return "\(call.t("wall.no_project"))" }
        let link = PageLink("/tickets", [("state", "open"), ("project", line.id)])
        return """
            <a href="\(link)">\(line.name)</a>\(HTML.when(line.sites > 0, "<br><span class=\"muted tiny\">\(call.t(line.sites == 1 ? "wall.site" : "wall.sites", ["n": "\(line.sites)"]))</span>"))
            """
    }

    private static func cell(_ tally: Tally?) -> HTML {
        guard let tally, tally.open > 0 else { return "<td class=\"n zero\">–</td>" }
        return """
            <td class="n"><span class="tally"><b>\(tally.open)</b>\(HTML.when(tally.over + tally.soon > 0, """
                <span>\(HTML.when(tally.over > 0, "<span class=\"tag tag-bad\">\(Icon.alert)\(tally.over)</span>"))\
                \(HTML.when(tally.soon > 0, "<span class=\"tag tag-warn\">\(Icon.clock)\(tally.soon)</span>"))</span>
                """))</span></td>
            """
    }

    private static func next(_ call: Call, _ clocks: [(TicketRow, WorkClock)]) -> HTML {
        let today = call.zone.wall(call.now).dayNumber
        let body: HTML =
            clocks.isEmpty
            ? "<p class=\"panel-body muted\">\(call.t("wall.none"))</p>"
            : "<ol class=\"due-list\">\(clocks.prefix(14).html { due(call, $0.0, $0.1, today) })</ol>"
        return """
            <section class="panel" aria-labelledby="next-t"><div class="panel-head"><h2 id="next-t">\(call.t("wall.next"))</h2>\
            <a class="small row-end" href="/tickets?state=open">\(call.t("wall.all", ["n": WorkParts.counted(clocks.count, most: 200)]))</a></div>\(body)</section>
            """
    }

    private static func due(_ call: Call, _ row: TicketRow, _ clock: WorkClock, _ today: Int) -> HTML {
        let at = clock.due ?? call.now
        let wall = call.zone.wall(at)
        let isOver = clock.kind == .over
        let shade: HTML = isOver ? "bad" : "muted"
        let date =
            wall.dayNumber == today
            ? isOver ? call.t("work.group.overdue") : "" : String(wall.short.prefix(5))
        let day: HTML = date.isEmpty ? "" : "<br><span class=\"tiny \(shade)\">\(date)</span>"
        let who = row.engineerName ?? call.t("ticket.state.\(row.state.rawValue)")
        let left = call.t(
            isOver ? "script.clock.over" : "script.clock.left", ["span": Times.span(clock.left)])
        let style: HTML = isOver ? " class=\"bad\"" : clock.isClose ? " class=\"warn\"" : ""
        return """
            <li\(HTML.when(isOver, " class=\"is-over\""))><span><time datetime="\(at.rfc3339)">\(wall.clock)</time>\(day)</span>\
            \(WorkParts.priority(call, row.priority))<span><a class="t" href="\(WorkParts.path(row))">\(row.title)</a>\
            <span class="m">\([row.siteName ?? row.organizationName, who].compactMap { $0 }.joined(separator: " · "))</span></span>\
            <span class="left"><strong\(style) data-remaining="\(clock.left.seconds)" data-target="\(clock.target?.seconds ?? 0)">\(left)</strong><br>\
            <span class="m">\(call.t("levels.leg.\(clock.leg?.rawValue ?? "solution")"))</span></span></li>
            """
    }
}
