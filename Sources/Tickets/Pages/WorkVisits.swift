import Base
import Store
import Web

/// My planned visits, today's first: made for a phone on the way.
enum WorkVisits {
    private struct Line {
        var start: Instant
        var end: Instant
        var number: String
        var title: String
        var priority: Int64?
        var organization: String
        var site: String?
        var address: String?
        var zone: Zone?
        var requester: String?
        var phone: String?
        var item: String
    }

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let today = call.zone.wall(call.now).dayNumber
        let from = call.zone.instant(WallTime(dayNumber: today, secondOfDay: 0))
        let lines = try read(from, tx)
        let byDay = Dictionary(grouping: lines) { max(today, call.zone.wall($0.start).dayNumber) }
        var h = WorkParts.head(
            call.t("visits.title"),
            "\(call.t(lines.isEmpty ? "visits.none" : "visits.lead", ["n": "\(byDay[today]?.count ?? 0)"]))")
        if lines.isEmpty {
            h += WorkParts.emptyLive(
                "visits",
                WorkParts.empty(
                    call.t("visits.empty"), call.t("visits.empty.hint"),
                    "<a class=\"btn\" href=\"/work\">\(call.t("work.title"))</a>"))
        } else {
            h += "<div class=\"stack-l\" id=\"visits\" data-live>"
            for day in byDay.keys.sorted() {
                let name =
                    day == today
                    ? call.t("visits.today", ["date": CivilDate.text(dayNumber: day)])
                    : day == today + 1
                        ? call.t("visits.tomorrow", ["date": CivilDate.text(dayNumber: day)])
                        : CivilDate.text(dayNumber: day)
                h += """
                    <section aria-labelledby="d\(day)"><h2 id="d\(day)" class="sec">\(name) <span class="count">\(byDay[day]?.count ?? 0)</span></h2>\
                    <div class="panel">\((byDay[day] ?? []).html { card(call, $0) })</div></section>
                    """
            }
            h += "</div>"
        }
        return try Layout.page(call, tx, title: call.t("visits.title"), current: "/visits", h)
    }

    private static func read(_ from: Instant, _ tx: Transaction) throws -> [Line] {
        let english = tx.actor.language == .english
        return try tx.rows(
            """
            select v.start_at, v.end_at, t.number, t.title, t.priority, o.name, o.name_en, s.name, s.name_en,
              s.address, s.time_zone, q.name, q.phone, t.model, t.serial
            from ticket_visit v join ticket t on t.id = v.ticket_id
              left join organization o on o.id = t.organization_id left join site s on s.id = t.site_id
              left join account q on q.id = t.requester_id
            where v.engineer_id = \(tx.actor.id) and v.end_at > \(from) and \(TicketAccess.visible(to: tx.actor))
            order by v.start_at, v.id limit 200
            """
        ) { r in
            let start = r.instant()
            let end = r.instant()
            let number = r.text()
            let title = r.text()
            let priority = r.intOrNil()
            let organization = (r.textOrNil() ?? "", r.textOrNil())
            let site = (r.textOrNil(), r.textOrNil())
            let address = r.textOrNil()
            let zone = r.textOrNil().flatMap { Zone($0) }
            let requester = r.textOrNil()
            let phone = r.textOrNil()
            let item = [r.textOrNil(), r.textOrNil()].compactMap { $0 }.joined(separator: " ")
            return Line(
                start: start, end: end, number: number, title: title, priority: priority,
                organization: english ? organization.1 ?? organization.0 : organization.0,
                site: english ? site.1 ?? site.0 : site.0, address: address, zone: zone, requester: requester,
                phone: phone, item: item)
        }
    }

    private static func card(_ call: Call, _ v: Line) -> HTML {
        var there: HTML = ""
        if let zone = v.zone, zone.offsetSeconds(at: v.start) != call.zone.offsetSeconds(at: v.start) {
            there =
                "<p class=\"muted small\">\(call.t("visits.there", ["place": v.site ?? "", "from": zone.wall(v.start).short, "to": zone.wall(v.end).clock]))</p>"
        }
        let from = call.zone.wall(v.start)
        let to = call.zone.wall(v.end)
        let end = from.dayNumber == to.dayNumber ? to.clock : to.short
        var side: HTML = ""
        if let requester = v.requester {
            side += "<p class=\"line\">\(Icon.user)<span>\(requester)</span></p>"
        }
        if let phone = v.phone {
            let digits = phone.filter { $0.isNumber && $0.isASCII || $0 == "+" }
            side += "<p><a class=\"btn\" href=\"tel:\(digits)\">\(Icon.phone)\(phone)</a></p>"
        }
        return """
            <article class="case"><div><p class="strong"><time datetime="\(v.start.rfc3339)">\(from.short)</time> – \(end)</p>\(there)\
            <h3><a href="/tickets/\(v.number)">\(v.title)</a></h3><p class="m"><span class="num">\(v.number)</span> \(v.item)</p>\
            <p class="line small">\(Icon.pin)<span>\([v.organization, v.site, v.address].compactMap { $0 }.joined(separator: " · "))</span></p></div>\
            <div class="case-side">\(side)<p><a class="btn" href="/tickets/\(v.number)">\(call.t("work.peek.open"))</a></p></div></article>
            """
    }
}
