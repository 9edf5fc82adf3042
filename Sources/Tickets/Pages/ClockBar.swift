import Base
import ServiceLevels
import Web

/// Draws clocks as SVG without a viewBox: x and width in per cent, y and height in pixels, so that a bar
/// is to scale at any width, its text is never stretched, and no style attribute is needed.
enum ClockBar {
    /// The large bar.
    static func large(_ picture: ClockPicture, label: String, stopWord: String, _ call: Call) -> HTML {
        var h: HTML = """
            <svg class="clock" height="36" role="img" aria-label="\(label)">\
            <rect class="k-outside" y="7" width="100%" height="2"/>
            """
        for piece in picture.pieces { h += rectangle(piece) }
        for tick in picture.ticks { h += self.tick(tick, call) }
        for mark in picture.marks { h += self.mark(mark, stopWord, call) }
        return h + "</svg>"
    }

    private static func rectangle(_ piece: ClockPicture.Piece) -> HTML {
        let x = percent(piece.x)
        let width = percent(piece.width)
        switch piece.kind {
        case .counted:
            return "<rect class=\"k-counted\" x=\"\(x)\" y=\"2\" width=\"\(width)\" height=\"12\"/>"
        case .left: return "<rect class=\"k-left\" x=\"\(x)\" y=\"2\" width=\"\(width)\" height=\"12\"/>"
        case .paused:
            return """
                <rect fill="url(#hatch)" x="\(x)" y="2" width="\(width)" height="12"/>\
                <rect class="k-frame" x="\(x)" y="2" width="\(width)" height="12"/>
                """
        // Taller and set off by a cut, so that it shows without colour too.
        case .over:
            return """
                <rect class="k-over" x="\(x)" width="\(width)" height="16"/>\
                <line class="k-cut" x1="\(x)" x2="\(x)" y1="0" y2="16"/>
                """
        }
    }

    private static func tick(_ tick: ClockPicture.Tick, _ call: Call) -> HTML {
        let wall = call.zone.wall(tick.at)
        let anchor = tick.x < 4 ? "start" : tick.x > 96 ? "end" : "middle"
        let x = percent(tick.x)
        let text: HTML =
            tick.isDay
            ? "\(String(wall.short.prefix(5)))<tspan class=\"wd\"> \(call.weekday(wall.dayNumber))</tspan>"
            : "\(wall.clock)"
        return """
            <line class="k-tick" x1="\(x)" x2="\(x)" y1="16" y2="21"/>\
            <text x="\(x)" y="32" text-anchor="\(anchor)">\(text)</text>
            """
    }

    private static func mark(_ mark: ClockPicture.Mark, _ stopWord: String, _ call: Call) -> HTML {
        let (name, word): (String, String) =
            switch mark.kind {
            case .now: ("k-now", call.t("ticket.page.now"))
            case .due: ("k-due", call.t("ticket.page.due"))
            case .stop: ("k-stop", stopWord)
            }
        let x = percent(mark.x)
        var h: HTML = "<line class=\"\(name)\" x1=\"\(x)\" x2=\"\(x)\" y1=\"-2\" y2=\"18\"/>"
        if let anchor = mark.anchor {
            h += """
                <text class="\(name)-t" x="\(x)" y="-6" text-anchor="\(anchor.rawValue)">\(word)</text>
                """
        }
        return h
    }

    /// How wide the words of the marks are, in per cent of a bar of 300 px at 11 px type.
    static func widths(stopWord: String, _ call: Call) -> [ClockPicture.Mark.Kind: Double] {
        func width(_ s: String) -> Double {
            s.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 11.5 : 6.5) } / 3 + 1
        }
        return [
            .now: width(call.t("ticket.page.now")), .due: width(call.t("ticket.page.due")),
            .stop: width(stopWord),
        ]
    }

    /// `12.34%`: two decimals, rounded.
    static func percent(_ v: Double) -> String {
        let n = Int((v * 100).rounded())
        let rest = abs(n % 100)
        return "\(n / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }

    /// The small bar of lists: the share of the target that is used; under a third left turns amber,
    /// past it red.
    static func mini(target: Span, remaining: Span, isPaused: Bool) -> HTML {
        let all = Double(max(1, target.ms))
        let used = 1 - Double(remaining.ms) / all
        guard remaining.ms >= 0 else {
            let counted = percent(min(97, all / Double(max(1, target.ms - remaining.ms)) * 100))
            let over = percent(100 - min(97, all / Double(max(1, target.ms - remaining.ms)) * 100))
            return """
                <svg class="clock-mini" height="8" aria-hidden="true"><rect class="k-counted" width="\(counted)" height="8"/>\
                <rect class="k-over" x="\(counted)" y="-2" width="\(over)" height="12"/>\
                <line class="k-cut" x1="\(counted)" x2="\(counted)" y1="-2" y2="10"/></svg>
                """
        }
        let width = percent(max(0, min(1, used)) * 100)
        let isClose = remaining.ms * 3 < target.ms
        let track: HTML =
            isPaused
            ? "<rect fill=\"url(#hatch)\" width=\"100%\" height=\"8\" rx=\"2\"/>"
            : "<rect class=\"k-track\" width=\"100%\" height=\"8\" rx=\"2\"/>"
        return """
            <svg class="clock-mini" height="8" aria-hidden="true">\(track)\
            <rect class="\(isClose && !isPaused ? "k-warn" : "k-counted")" width="\(width)" height="8" rx="2"/></svg>
            """
    }
}

extension Call {
    /// Between sentences.
    var gap: String { language == .english ? " " : "" }

    /// `Mon`, `周一`: the day of the week of a day number.
    func weekday(_ dayNumber: Int) -> String {
        t("ticket.page.weekday.\(CivilDate.weekday(dayNumber: dayNumber))")
    }
}

/// The mini clock of a ticket, for lists: words and bar.
public enum TicketMiniClock {
    /// What breaches next on a stored ticket, or nothing where no leg runs. The text stays live by
    /// `clocks.js`, which takes the time from the attributes.
    public static func html(_ clocks: ClockColumns, _ call: Call) -> HTML {
        if let left = clocks.solutionRemaining, let target = clocks.solutionTarget,
            clocks.due == nil
                || clocks.dueLeg == .solution
        {
            return """
                <div class="sla"><div class="sla-t"><span>\(call.t("ticket.page.paused_left", ["span": Times.span(left)]))</span></div>\
                \(ClockBar.mini(target: target, remaining: left, isPaused: true))</div>
                """
        }
        guard let due = clocks.due, let leg = clocks.dueLeg,
            let target = leg == .response ? clocks.responseTarget : clocks.solutionTarget
        else { return "" }
        let left = due - call.now
        let isOver = left.ms < 0
        let isClose = !isOver && left.ms * 3 < target.ms
        let words = call.t(
            isOver ? "ticket.page.over" : "ticket.page.left", ["span": Times.span(left)])
        return """
            <div class="sla\(isOver ? " sla-over" : isClose ? " sla-warn" : "")"><div class="sla-t">\
            <span data-due="\(due.rfc3339)" data-target="\(target.seconds)">\(words)</span>\
            <span class="muted">\(call.t("levels.leg.\(leg.rawValue)")) \(Times(call).short(due))</span></div>\
            \(ClockBar.mini(target: target, remaining: left, isPaused: false))</div>
            """
    }
}
