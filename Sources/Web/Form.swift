import Base

/// Parts of forms: label above, hint, error above the control, the same everywhere. What was typed
/// comes back after a refusal; values given here are what the form begins with.
///
/// A field that may stay empty says so beside its label. `optional: false` silences that where the hint
/// tells when the field is due.
public struct Form: Sendable {
    let call: Call
    /// Tells the ids of this form's fields from those of other forms on the page.
    let scope: String

    /// - Parameter scope: needed where two forms on a page have fields of the same name
    public init(_ call: Call, scope: String = "") {
        self.call = call
        self.scope = scope.isEmpty ? "" : scope + "-"
    }

    /// On top of a refused form: every fault as a link to its field.
    public var summary: HTML {
        guard let failure = call.failure else { return "" }
        let focus: HTML = HTML.when(!call.isRefusedScan, " data-focus")
        return """
            <div class="error-summary" role="alert" tabindex="-1"\(focus)><h2>\(failure.fields.isEmpty ? failure.sentence(call.strings) : call.t("form.refused"))</h2>\
            \(failure.fields.isEmpty ? HTML() : "<ul>\(failure.fields.html { "<li><a href=\"#f-\(scope)\($0.field)\">\(call.strings("error." + $0.code, $0.arguments))</a></li>" })</ul>")</div>
            """
    }

    /// Opens a form that posts to a path, with the session's secret inside.
    public func open(_ action: String, class style: String = "form", multipart: Bool = false) -> HTML {
        "<form class=\"\(style)\" method=\"post\" action=\"\(action)\"\(multipart ? HTML.multipart : "")>\(Layout.token(call))"
    }

    /// A one-line field. What was typed into one for passwords is never sent back.
    /// - Parameter mark: an attribute by which a script finds the field
    public func text(
        _ name: String, _ label: String, value: String? = nil, hint: String? = nil, type: String = "text",
        autocomplete: String = "off", width: String = "", isSerial: Bool = false, required: Bool = false,
        optional: Bool? = nil, inputMode: String? = nil, mark: StaticString? = nil
    ) -> HTML {
        wrap(name, label, hint: hint, width: width, optional: optional ?? !required) { described in
            """
            <input class="input\(isSerial ? " sn" : "")" id="f-\(scope)\(name)" name="\(name)" type="\(type)" value="\(type == "password" ? nil : call.typed(name) ?? value)" \
            autocomplete="\(autocomplete)"\(isSerial ? " spellcheck=\"false\"" : "" as HTML)\(inputMode.map { " inputmode=\"\($0)\"" } ?? "" as HTML)\(required ? " required" : "" as HTML)\(mark.map { " \($0.description)" } ?? "" as HTML)\(described)>
            """
        }
    }

    /// A field of several lines.
    public func area(
        _ name: String, _ label: String, value: String? = nil, hint: String? = nil, rows: Int = 4,
        required: Bool = false, optional: Bool? = nil, placeholder: String? = nil
    ) -> HTML {
        wrap(name, label, hint: hint, width: "", optional: optional ?? !required) { described in
            "<textarea class=\"textarea\" id=\"f-\(scope)\(name)\" name=\"\(name)\" rows=\"\(rows)\"\(required ? " required" : "" as HTML) placeholder=\"\(placeholder)\"\(described)>\(call.typed(name) ?? value)</textarea>"
        }
    }

    /// A country (ISO 3166-1), by its name in the page's language.
    public func country(_ name: String, _ label: String, value: String? = nil) -> HTML {
        select(
            name, label, Country.all(in: call.language).map { ($0.code, $0.name) }, value: value, empty: "–",
            width: "w-m")
    }

    /// A time zone by its IANA name, with all names on offer.
    public func zone(
        _ name: String, _ label: String, value: String? = nil, hint: String? = nil, required: Bool = false
    ) -> HTML {
        wrap(name, label, hint: hint, width: "w-m", optional: !required) { described in
            """
            <input class="input" id="f-\(scope)\(name)" name="\(name)" value="\(call.typed(name) ?? value)" list="zones-\(scope)\(name)" \
            autocomplete="off" spellcheck="false"\(required ? " required" : "" as HTML)\(described)>\
            <datalist id="zones-\(scope)\(name)">\(Zone.identifiers.html { "<option value=\"\($0)\"></option>" })</datalist>
            """
        }
    }

    /// A point in time in the reader's zone, which stands beside it: with the browser's own calendar and
    /// clock. Where those can't say it (a text that was refused, the second half of an autumn overlap)
    /// the field is one for text.
    public func moment(
        _ name: String, _ label: String, value: String? = nil, hint: String? = nil, width: String = "w-m",
        required: Bool = false, optional: Bool? = nil
    ) -> HTML {
        wrap(
            name, label, hint: hint ?? call.t("form.time_zone", ["zone": call.placeName(call.zone)]),
            width: width, optional: optional ?? !required
        ) { described in
            Self.moment(
                name, id: "f-\(scope)\(name)", call.typed(name) ?? value,
                "\(required ? " required" : "" as HTML)\(described)")
        }
    }

    /// The control alone, for forms that are not of this kind.
    public static func moment(_ name: String, id: String, _ value: String?, _ attributes: HTML) -> HTML {
        let wall = WallTime((value ?? "").trimmed)
        let isPlain = wall != nil || (value ?? "").isEmpty
        let shown = wall.map { CivilDate.text(dayNumber: $0.dayNumber) + "T" + $0.clock } ?? value
        return """
            <input class="input moment" id="\(id)" name="\(name)" type="\(isPlain ? "datetime-local" : "text")" value="\(shown)" \
            placeholder="2026-03-08 14:05" autocomplete="off"\(attributes)>
            """
    }

    /// A choice among options (value, shown). One that begins with "choose" must be made; one with
    /// another empty entry may be left.
    public func select(
        _ name: String, _ label: String, _ options: [(String, String)], value: String? = nil,
        empty: String? = nil, hint: String? = nil, width: String = "", optional: Bool? = nil
    ) -> HTML {
        let chosen = call.typed(name) ?? value
        let mayBeEmpty = empty != nil && empty != call.t("form.choose")
        return wrap(name, label, hint: hint, width: width, optional: optional ?? mayBeEmpty) { described in
            """
            <select class="select" id="f-\(scope)\(name)" name="\(name)"\(described)>\(empty.map { "<option value=\"\">\($0)</option>" } ?? "" as HTML)\(options.html { v, shown in
                "<option value=\"\(v)\"\(HTML.when(v == chosen, " selected"))>\(shown)</option>"
            })</select>
            """
        }
    }

    /// A choice shown whole: value, title, explanation.
    public func radios(
        _ name: String, _ label: String, _ options: [(value: String, title: String, hint: String?)],
        value: String? = nil
    ) -> HTML {
        let chosen = call.typed(name) ?? value
        return """
            <fieldset class="stack\(call.fault(name) == nil ? "" : " field-error")" id="f-\(scope)\(name)"><legend class="label">\(label)</legend>\(error(name))\(options.html { o in
                """
                <label class="check check-big"><input type="radio" name="\(name)" value="\(o.value)"\(HTML.when(o.value == chosen, " checked"))>\
                <span><strong>\(o.title)</strong>\(o.hint.map { "<br><span class=\"hint\">\($0)</span>" } ?? "" as HTML)</span></label>
                """
            })</fieldset>
            """
    }

    /// A box to tick.
    public func box(_ name: String, _ label: String, checked: Bool = false) -> HTML {
        let on = call.failure == nil ? checked : call.typed(name) != nil
        return
            "<label class=\"check\"><input type=\"checkbox\" name=\"\(name)\" value=\"1\"\(HTML.when(on, " checked"))><span>\(label)</span></label>"
    }

    public func hidden(_ name: String, _ value: String) -> HTML {
        "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }

    /// The one primary button of a form.
    public func submit(_ label: String, block: Bool = false) -> HTML {
        "<button class=\"btn btn-primary\(block ? " btn-block" : "")\" type=\"submit\">\(label)</button>"
    }

    private func wrap(
        _ name: String, _ label: String, hint: String?, width: String, optional: Bool,
        _ control: (HTML) -> HTML
    ) -> HTML {
        let fault = call.fault(name)
        var described: HTML = ""
        if fault != nil || hint != nil {
            let ids = [fault.map { _ in "e-\(scope)\(name)" }, hint.map { _ in "h-\(scope)\(name)" }]
                .compactMap { $0 }
            described = " aria-describedby=\"\(ids.joined(separator: " "))\""
        }
        if fault != nil { described += " aria-invalid=\"true\"" }
        return """
            <div class="field\(fault == nil ? "" : " field-error")\(width.isEmpty ? "" : " " + width)"><label for="f-\(scope)\(name)">\(label)\(HTML.when(optional, " <span class=\"optional\">\(call.t("form.optional"))</span>"))</label>\
            \(hint.map { "<span class=\"hint\" id=\"h-\(scope)\(name)\">\($0)</span>" } ?? "" as HTML)\(error(name))\(control(described))</div>
            """
    }

    private func error(_ name: String) -> HTML {
        guard let fault = call.fault(name) else { return "" }
        return "<p class=\"error\" id=\"e-\(scope)\(name)\">\(Icon.alert)<span>\(fault)</span></p>"
    }
}

extension HTML {
    fileprivate static let multipart: HTML = " enctype=\"multipart/form-data\""
}

extension Call {
    /// Nothing but what was scanned is at fault: scanning goes on in its field, where the fault is said too.
    public var isRefusedScan: Bool {
        guard let fields = failure?.fields, !fields.isEmpty else { return false }
        return fields.allSatisfy { $0.field == "scan" }
    }

    /// The place that a zone is known by.
    public func placeName(_ zone: Zone) -> String {
        let key = "zone." + zone.identifier
        if strings.has(key) { return t(key) }
        return (zone.identifier.split(separator: "/").last.map(String.init) ?? zone.identifier)
            .replacing("_", with: " ")
    }
}

/// Times as people read them: in their own zone, the other party's on hover.
public struct Times: Sendable {
    let call: Call
    public init(_ call: Call) { self.call = call }

    /// `03-08 14:05` this year, else with the year; the site's time on hover where zones differ.
    public func short(_ t: Instant, other: Zone? = nil) -> HTML {
        let wall = call.zone.wall(t)
        let sameYear =
            CivilDate.date(dayNumber: wall.dayNumber).year
            == CivilDate.date(dayNumber: call.zone.wall(call.now).dayNumber).year
        return stamp(t, sameYear ? wall.short : wall.text, other)
    }

    /// `2026-03-08 14:05`.
    public func full(_ t: Instant, other: Zone? = nil) -> HTML { stamp(t, call.zone.wall(t).text, other) }

    public func fullText(_ t: Instant) -> String { call.zone.wall(t).text }

    private func stamp(_ t: Instant, _ text: String, _ other: Zone?) -> HTML {
        var title: HTML = ""
        if let other, other != call.zone {
            title = " title=\"\(other.place) \(other.wall(t).text)\""
        }
        return "<time datetime=\"\(t.rfc3339)\"\(title)>\(text)</time>"
    }

    /// `11 h 21 min`, `3 d 0 h`, `38 min`.
    public static func span(_ s: Span) -> String {
        let minutes = abs(s.ms) / 60_000
        if minutes < 60 { return "\(minutes) min" }
        if minutes < 48 * 60 {
            return minutes % 60 == 0
                ? "\(minutes / 60) h" : "\(minutes / 60) h \(twoDigits(minutes % 60)) min"
        }
        return "\(minutes / 1440) d \(minutes % 1440 / 60) h"
    }

    private static func twoDigits(_ n: Int64) -> String { n < 10 ? "0\(n)" : String(n) }
}
