import Base
import ServiceLevels
import Web

extension TicketPage {
    /// The two clocks to scale, and how each deadline came about.
    var clocks: HTML {
        guard let clock, let state, !(isPortal && ticket.state == .cancelled) else {
            guard let met = ticket.recordedVerdict else { return "" }
            return """
                <section class="panel panel-body" aria-label="\(t("sla"))"><p>\(t("recorded")) \
                <strong class="\(met ? "ok" : "bad")">\(call.t(met ? "levels.verdict.met" : "levels.verdict.missed"))</strong></p></section>
                """
        }
        // The leg that still asks for something stands first.
        let order: [Leg] = state.response.isRunning ? [.response, .solution] : [.solution, .response]
        return """
            <section class="panel" aria-label="\(t("sla"))">\(order.html { leg($0, clock, state) })\(why(clock, order, state))</section>
            """
    }

    private func leg(_ leg: Leg, _ clock: TicketClock, _ state: ClockState) -> HTML {
        let own = state[leg]
        let stopWord = t(leg == .response ? "stop.response" : "stop.solution")
        let picture = picture(leg, clock, own, widths: ClockBar.widths(stopWord: stopWord, call))
        return """
            <div class="leg"><div><p class="leg-name">\(call.t("levels.leg.\(leg.rawValue)")) · \(targetText(leg, clock, own))</p>\
            \(standing(own, clock, leg))\(dueLine(own))</div><div class="clock-pad">\
            \(ClockBar.large(picture, label: spoken(leg, own), stopWord: stopWord, call))</div></div>
            """
    }

    func picture(
        _ leg: Leg, _ clock: TicketClock, _ own: LegState, widths: [ClockPicture.Mark.Kind: Double]
    ) -> ClockPicture {
        let intervals = clock.clock.explanation(of: leg, at: now)
        var rest: [ClockInterval] = []
        if let stop = own.endedAt, let due = own.due, stop < due {
            // What was still left when it stopped, as if it had not.
            var before = clock.clock
            before.events = before.events.filter { $0.at < stop }
            rest = before.explanation(of: leg, at: stop).filter { $0.from >= stop }
        }
        if own.endedAt == nil, own.due == nil {
            // Paused: what is left, as if the answer came now.
            var resumed = clock.clock
            resumed.events.append(ClockEvent(now, .resumed))
            rest = resumed.explanation(of: leg, at: now).filter { $0.from >= now }
        }
        return ClockPicture(
            intervals: intervals, rest: rest, origin: own.origin, due: own.due, stop: own.endedAt, now: now,
            zone: call.zone, widths: widths)
    }

    /// `3 working days`, `4 h`; provisional until it is graded.
    private func targetText(_ leg: Leg, _ clock: TicketClock, _ own: LegState) -> String {
        let text = amount(leg, clock, own)
        return own.isProvisional ? t("target.provisional", ["target": text]) : text
    }

    private func amount(_ leg: Leg, _ clock: TicketClock, _ own: LegState) -> String {
        let target = clock.policy.targets(own.grade.priority, category: ticket.category?.rawValue)?[leg]
        if case .workingDays(let n)? = target?.amount {
            return t("target.working_days", ["n": String(n), "span": Times.span(own.target)])
        }
        return spanText(own.target)
    }

    /// `14 d`, `3 h 30 min`: whole days without hours.
    func spanText(_ span: Span) -> String {
        span >= .days(2) && span.ms % Span.days(1).ms == 0
            ? "\(span.ms / Span.days(1).ms) d" : Times.span(span)
    }

    /// The large words: what is left, late, paused, or how it ended.
    private func standing(_ own: LegState, _ clock: TicketClock, _ leg: Leg) -> HTML {
        if own.isRunning {
            if own.isPaused {
                return "<p class=\"leg-left\">\(t("paused_left", ["span": Times.span(own.remaining)]))</p>"
            }
            let isOver = own.remaining.ms < 0
            let isClose = !isOver && own.remaining.ms * 3 < own.target.ms
            let style = isOver ? " bad" : isClose ? " warn" : ""
            return """
                <p class="leg-left\(style)"><span data-remaining="\(own.remaining.seconds)" data-target="\(own.target.seconds)"\
                \(counting(leg, clock))>\(t(isOver ? "over" : "left", ["span": Times.span(own.remaining)]))</span></p>
                """
        }
        switch own.verdict {
        case .void: return "<p class=\"leg-left muted\">\(call.t("levels.verdict.void"))</p>"
        case .met:
            return """
                <p class="leg-left ok">\(call.t("levels.verdict.met")) <span class="muted small">\(Times.span(own.elapsed))\
                \(own.mayRunOn ? " · " + t("may_run_on") : "")</span></p>
                """
        default:
            return """
                <p class="leg-left bad">\(call.t("levels.verdict.missed")) <span class="muted small">\(Times.span(own.elapsed))\
                \(own.isGradingFault ? " · " + t("grading_fault") : "")</span></p>
                """
        }
    }

    /// When the browser's ticking begins and ends: working hours.
    private func counting(_ leg: Leg, _ clock: TicketClock) -> HTML {
        let coming = clock.clock.explanation(of: leg, at: now).first { $0.kind == .toCount }
        guard let coming else { return "" }
        return """
             data-counts-in="\(max(0, (coming.from - now).seconds))" data-counts-for="\((coming.to - coming.from).seconds)"
            """
    }

    /// The due instant in the reader's zone, the site's beside it where they differ.
    private func dueLine(_ own: LegState) -> HTML {
        guard own.verdict != .void else { return "" }
        guard let due = own.due else {
            return "<p class=\"muted tiny\">\(t("due_unknown"))</p>"
        }
        var h: HTML = "<p class=\"muted tiny\">\(t("due")) \(time(due))"
        if let zone = otherZone, zone != call.zone,
            zone.offsetSeconds(at: due) != call.zone.offsetSeconds(at: due)
        {
            let there = zone.wall(due)
            let sameDay = there.dayNumber == call.zone.wall(due).dayNumber
            h +=
                " · <span class=\"nowrap\">\(call.placeName(zone)) \(sameDay ? there.clock : there.short)</span>"
        }
        return h + "</p>"
    }

    /// The whole clock as one sentence, for those who do not see it.
    func spoken(_ leg: Leg, _ own: LegState) -> String {
        var parts = [t("spoken.counted", ["span": Times.span(own.elapsed)])]
        if own.paused.ms > 0 { parts.append(t("spoken.paused", ["span": Times.span(own.paused)])) }
        if own.isRunning {
            parts.append(
                own.isPaused
                    ? t("paused_left", ["span": Times.span(own.remaining)])
                    : t(own.remaining.ms < 0 ? "over" : "left", ["span": Times.span(own.remaining)]))
        } else {
            parts.append(call.t("levels.verdict.\(own.verdict.rawValue)"))
        }
        if let due = own.due { parts.append(t("spoken.due", ["at": times.fullText(due)])) }
        return t("spoken.\(leg.rawValue)") + call.gap + parts.joined(separator: call.comma)
    }

    // MARK: Why

    private func why(_ clock: TicketClock, _ order: [Leg], _ state: ClockState) -> HTML {
        """
        <details class="clocks-why" id="why"><summary><span class="row">\(Icon.right.turning)\(t("why"))</span>\(key)</summary>\
        <div class="panel-body stack">\(order.html { explanation($0, clock, state[$0]) })</div></details>
        """
    }

    private var key: HTML {
        """
        <ul class="key" aria-label="\(t("key"))"><li><svg aria-hidden="true"><rect class="k-counted" width="20" height="10"/></svg>\(call.t("levels.interval.counted"))</li>\
        <li><svg aria-hidden="true"><rect fill="url(#hatch)" width="20" height="10"/><rect class="k-frame" x=".5" y=".5" width="19" height="9"/></svg>\(call.t("levels.interval.paused"))</li>\
        <li><svg aria-hidden="true"><rect class="k-outside" y="4" width="20" height="2"/></svg>\(call.t("levels.interval.outside_hours"))</li>\
        <li><svg aria-hidden="true"><rect class="k-left" width="20" height="10"/></svg>\(t("key.left"))</li></ul>
        """
    }

    private func explanation(_ leg: Leg, _ clock: TicketClock, _ own: LegState) -> HTML {
        let all = clock.clock.explanation(of: leg, at: now)
        let intervals = Array(all.suffix(TicketReadRoutes.mostIntervals))
        let leftOff: HTML =
            all.count == intervals.count
            ? ""
            : "<p class=\"small muted\">\(t("interval.left_off", ["count": String(all.count - intervals.count)]))</p>"
        let target = clock.policy.targets(own.grade.priority, category: ticket.category?.rawValue)?[leg]
        let calendar = target.flatMap { view.book.calendars[clock.policy.calendar(leg, $0)] }
        let zone = calendar.map { $0.rules.definition.zone == "UTC" ? call.zone : $0.zone } ?? call.zone
        let title = t("interval.title", ["leg": call.t("levels.leg.\(leg.rawValue)")])
        return """
            <h3>\(call.t("levels.leg.\(leg.rawValue)"))</h3><p class="small">\(basis(clock, calendar, zone))</p>\(leftOff)\
            <div class="table-wrap" tabindex="0" role="region" aria-label="\(title)"><table class="table table-compact">\
            <caption class="vh">\(title)</caption><thead><tr><th scope="col">\(t("interval.when"))</th>\
            <th scope="col">\(t("interval.kind"))</th><th scope="col" class="n">\(t("interval.length"))</th>\
            <th scope="col" class="n">\(t("interval.total"))</th><th scope="col">\(t("interval.why"))</th></tr></thead>\
            <tbody>\(rows(intervals.flatMap { Self.cut($0, at: own.due) }, own, zone))</tbody></table></div>
            """
    }

    /// Policy with its version, calendar with its hours, and whose times are shown.
    private func basis(_ clock: TicketClock, _ calendar: WorkCalendar?, _ zone: Zone) -> String {
        let policy = clock.policy
        var parts = [
            t(
                "basis.policy",
                [
                    "name": policy.label.text(in: call.language, key: policy.id),
                    "version": String(policy.version),
                ])
        ]
        if let calendar {
            let definition = calendar.rules.definition
            parts.append(
                t(
                    "basis.calendar",
                    [
                        "name": definition.label.text(in: call.language, key: definition.id),
                        "hours": hours(definition),
                    ]))
        }
        parts.append(t("basis.zone", ["zone": call.placeName(zone)]))
        return parts.joined(separator: call.gap)
    }

    /// `Mon–Fri 08:00–12:30, 13:30–17:00`.
    private func hours(_ definition: CalendarDefinition) -> String {
        func text(_ spans: [DaySpan]) -> String {
            if spans == [DaySpan.wholeDay] { return t("all_day") }
            return spans.map { span in
                let from = WallTime(dayNumber: 0, secondOfDay: span.from).clock
                let to = WallTime(dayNumber: 0, secondOfDay: span.to).clock
                return from + "–" + to
            }.joined(separator: call.comma)
        }
        let week = definition.week
        guard week.count == 7 else { return "" }
        if week.allSatisfy({ $0 == [DaySpan.wholeDay] }) { return t("around_the_clock") }
        func day(_ i: Int) -> String { call.t("ticket.page.weekday.\((i + 1) % 7)") }
        var out: [String] = []
        var i = 0
        while i < 7 {
            var end = i
            while end + 1 < 7, week[end + 1] == week[i] { end += 1 }
            if !week[i].isEmpty {
                out.append((i == end ? day(i) : day(i) + "–" + day(end)) + " " + text(week[i]))
            }
            i = end + 1
        }
        return out.joined(separator: "; ")
    }

    /// Every stretch as a row; of a long story the middle is told in one.
    private func rows(_ all: [ClockInterval], _ own: LegState, _ zone: Zone) -> HTML {
        guard all.count > 48 else { return all.html { row($0, own, zone) } }
        let hidden = all[16..<(all.count - 24)]
        return """
            \(all[..<16].html { row($0, own, zone) })<tr><td colspan="5" class="muted">\
            \(t("interval.more", ["n": String(hidden.count)]))</td></tr>\(all[(all.count - 24)...].html { row($0, own, zone) })
            """
    }

    /// A stretch that was counted past the due instant is two: until it, and too late.
    private static func cut(_ interval: ClockInterval, at due: Instant?) -> [ClockInterval] {
        guard interval.kind == .counted, let due, interval.from < due, due < interval.to else {
            return [interval]
        }
        var before = interval
        var after = interval
        before.to = due
        after.from = due
        before.total = interval.total - (interval.to - due)
        return [before, after]
    }

    private func row(_ interval: ClockInterval, _ own: LegState, _ zone: Zone) -> HTML {
        let from = zone.wall(interval.from)
        let to = zone.wall(interval.to)
        let until = from.dayNumber == to.dayNumber ? to.clock : to.short
        return """
            <tr><td class="nowrap"><time datetime="\(interval.from.rfc3339)">\(from.short)</time> – \
            <time datetime="\(interval.to.rfc3339)">\(until)</time></td><td>\(tag(interval.kind))</td>\
            <td class="n">\(Self.clockText(interval.to - interval.from))</td><td class="n">\(Self.clockText(interval.total))</td>\
            <td>\(reason(interval, own))</td></tr>
            """
    }

    private func tag(_ kind: ClockInterval.Kind) -> HTML {
        let word = call.t("levels.interval.\(kind.rawValue)")
        switch kind {
        case .counted: return "<span class=\"tag tag-accent\">\(word)</span>"
        case .paused: return "<span class=\"tag tag-warn\">\(Icon.pause)\(word)</span>"
        case .stopped: return "<span class=\"tag tag-warn\">\(word)</span>"
        case .toCount: return "<span class=\"tag tag-line\">\(word)</span>"
        case .outsideHours: return "<span class=\"tag\">\(word)</span>"
        }
    }

    private func reason(_ interval: ClockInterval, _ own: LegState) -> String {
        var parts: [String] = []
        if interval.kind == .counted, let due = own.due, interval.from >= due {
            parts.append(t("interval.late"))
        }
        if !interval.reason.isEmpty { parts.append(call.t("levels.reason.\(interval.reason)")) }
        if interval.kind == .paused, interval.counted < interval.to - interval.from {
            parts.append(t("interval.in_hours", ["span": Self.clockText(interval.counted)]))
        }
        if interval.to == now, own.isRunning { parts.append(t("interval.until_now")) }
        if let due = own.due, interval.to == due { parts.append(t("due")) }
        return parts.joined(separator: call.comma)
    }

    /// `12:39`: hours and minutes, as sums are read.
    static func clockText(_ span: Span) -> String {
        let minutes = abs(span.ms) / 60_000
        let rest = minutes % 60
        return "\(span.ms < 0 ? "−" : "")\(minutes / 60):\(rest < 10 ? "0" : "")\(rest)"
    }
}

extension Icon {
    /// Turns when the fold that it stands before opens.
    var turning: HTML {
        "<svg class=\"icon icon-turn\" aria-hidden=\"true\"><use href=\"\(StaticFiles.path("icons.svg"))#i-\(rawValue)\"/></svg>"
    }
}
