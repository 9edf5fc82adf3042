import Base
import Store

/// The shell around every page: top bar, navigation, main part. One for staff, one for the portal, one
/// for the door.
public enum Layout {
    public enum Frame: Sendable {
        /// Top bar and navigation on the side.
        case app
        /// The same for a screen on the wall: it grows with the screen.
        case wall
        /// The customer's portal: larger type, few places.
        case portal
        /// Signing in.
        case door
        /// A4 paper.
        case sheet
    }

    /// A whole page as a reply.
    /// - Parameters:
    ///   - title: text of the title bar, the product's name is added
    ///   - current: path of the navigation entry that is lit
    public static func page(
        _ call: Call, _ tx: Transaction, title: String, current: String = "", frame: Frame? = nil,
        scripts: [String] = [], _ body: HTML
    ) throws -> Reply {
        let frame = frame ?? (call.caller?.actor.isStaff == false ? .portal : .app)
        let counts = call.caller == nil ? [:] : try call.chrome.counts(tx)
        let house = try call.chrome.houseName(call.language, tx)
        var h = HTML(capacity: body.bytes.count + 12_000)
        h += head(call, title: title, frame: frame, scripts: scripts)
        switch frame {
        case .app, .wall, .portal:
            h += topbar(call, counts)
            h += navigation(call, current: current, counts, house)
            h += "<main class=\"main\" id=\"main\">"
            h += flash(call)
            h += body
            h += "</main>"
        case .door:
            h += doorBar(call, house)
            h += "<main id=\"main\">\(body)</main>"
            h += "<footer><span>\(house)</span><span>Fettle</span></footer>"
        case .sheet: h += body
        }
        h += sprite
        h += "</body></html>"
        return .html(h)
    }

    private static func head(_ call: Call, title: String, frame: Frame, scripts: [String]) -> HTML {
        let theme: HTML = call.caller?.theme.map { " data-theme=\"\($0)\"" } ?? ""
        let kind =
            switch frame {
            case .app, .wall: "app"
            case .portal: "app portal"
            case .door: "door"
            case .sheet: "sheet-page"
            }
        var h: HTML = """
            <!doctype html><html lang="\(call.language.tag)"\(theme)\(HTML.when(frame == .wall, " class=\"wall\""))><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">\
            <meta name="color-scheme" content="light dark"><title>\(title) · Fettle</title>\
            <link rel="icon" href="\(StaticFiles.path("mark.svg"))" type="image/svg+xml">\
            <link rel="stylesheet" href="\(StaticFiles.path("fettle.css"))">
            """
        if let caller = call.caller, let token = caller.formToken {
            h +=
                "<meta name=\"form-token\" content=\"\(token)\"><meta name=\"login\" content=\"\(caller.login)\">"
        }
        // Modules run in this order: the scripts find their sentences.
        for script in ["words.\(call.language.tag).js", "fettle.js"] + scripts {
            h += "<script type=\"module\" src=\"\(StaticFiles.path(script))\"></script>"
        }
        return h + "</head><body class=\"\(kind)\"><a class=\"skip\" href=\"#main\">\(call.t("skip"))</a>"
    }

    public static let mark: HTML = """
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path class="a" d="M5 20.5V11a7 7 0 0 1 7-7h7"/>\
        <path class="b" d="M11 20.5V15a3.5 3.5 0 0 1 3.5-3.5H19"/></svg>
        """

    private static let sprite: HTML = """
        <svg class="sprite" width="0" height="0" aria-hidden="true"><pattern id="hatch" width="5" height="5" \
        patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="k-hatch-bg" width="5" height="5"/>\
        <path class="k-hatch-line" d="M0 0v5"/></pattern></svg>
        """

    // MARK: Parts

    private static func topbar(_ call: Call, _ counts: [String: Int]) -> HTML {
        let name = call.caller?.actor.name ?? ""
        let unread = counts["notices"] ?? 0
        return """
            <header class="topbar"><a class="brand" href="/">\(mark)<span>Fettle</span></a>\
            <form class="search" role="search" action="/search">\(Icon.search)<label class="vh" for="q">\(call.t("search"))</label>\
            <input id="q" name="q" type="search" placeholder="\(call.t("search.hint"))" autocomplete="off" \
            value="\(call.path == "/search" ? call.queryValue("q") : nil)"><kbd aria-hidden="true">/</kbd></form>\
            <div class="topbar-end"><a class="btn btn-quiet btn-icon search-open" href="/search" aria-label="\(call.t("search"))">\(Icon.search)</a>\
            \(languages(call))<a class="btn btn-quiet btn-icon bell" href="/notices" aria-label="\(call.t("notices.unread", ["n": String(unread)]))">\
            \(Icon.bell)\(HTML.when(unread > 0, "<span class=\"count count-bad\" aria-hidden=\"true\">\(unread > 99 ? "99+" : String(unread))</span>"))</a>\
            <details class="menu"><summary class="btn btn-quiet btn-icon" aria-label="\(call.t("me.menu", ["name": name]))">\
            <span class="face face-me" aria-hidden="true">\(Face.initials(name))</span></summary><div class="menu-list">\
            <p class="menu-who"><strong>\(name)</strong><br><span class="muted small">\(roles(call))</span></p><hr>\
            <a href="/me">\(Icon.user)\(call.t("me.account"))</a>\
            \(themes(call))<hr><form method="post" action="/sign-out">\(token(call))\
            <button type="submit">\(Icon.arrow)\(call.t("sign_out"))</button></form></div></details></div></header>
            """
    }

    private static func roles(_ call: Call) -> String {
        (call.caller?.actor.roles.list ?? []).map { call.t("role.\($0.rawValue)") }.joined(separator: " · ")
    }

    private static func themes(_ call: Call) -> HTML {
        let dark = call.caller?.theme == "dark"
        return """
            <form method="post" action="/me/theme">\(token(call))<input type="hidden" name="next" value="\(here(call))">\
            <button type="submit" name="theme" value="\(dark ? "light" : "dark")">\(Icon.theme)\
            \(call.t(dark ? "theme.light" : "theme.dark"))</button></form>
            """
    }

    /// The three languages; one click switches and comes back to the same page.
    static func languages(_ call: Call) -> HTML {
        let shown: [(Language, String, String)] = [
            (.simplifiedChinese, "简", "简体中文"), (.traditionalChinese, "繁", "繁體中文"),
            (.english, "EN", "English"),
        ]
        return """
            <form class="langs" method="post" action="/language" aria-label="\(call.t("language"))">\(token(call))\
            <input type="hidden" name="next" value="\(here(call))">\(shown.html { l, short, long in
                """
                <button type="submit" name="language" value="\(l.tag)" lang="\(l.tag)" title="\(long)"\
                \(HTML.when(l == call.language, " aria-current=\"true\""))>\(short)</button>
                """
            })</form>
            """
    }

    private static func here(_ call: Call) -> String {
        call.method == "GET" ? call.path + (call.rawQuery.isEmpty ? "" : "?" + call.rawQuery) : "/"
    }

    /// The navigation of a person. Areas add to each other's groups: those of one title stand together.
    public static func places(_ call: Call, _ actor: Actor) -> [NavigationGroup] {
        call.chrome.navigation(actor).reduce(into: []) { all, group in
            if let i = all.firstIndex(where: { $0.title == group.title }) {
                all[i].entries += group.entries
            } else {
                all.append(group)
            }
        }
    }

    private static func navigation(
        _ call: Call, current: String, _ counts: [String: Int], _ house: String
    ) -> HTML {
        guard let actor = call.caller?.actor else { return "" }
        return """
            <nav class="nav" aria-label="\(call.t("nav"))">\(places(call, actor).html { group in
                """
                <div><p class="nav-title">\(call.t(group.title))</p><ul>\(group.entries.html { entry in
                    let n = entry.count.flatMap { counts[$0] } ?? 0
                    return """
                        <li\(HTML.when(!entry.isFirst, " class=\"wide\""))><a href="\(entry.path)"\(HTML.when(entry.path == current, " aria-current=\"page\"")) title="\(call.t(entry.name))">\
                        \(entry.icon)<span>\(call.t(entry.name))</span>\(HTML.when(n > 0, "<span class=\"count count-bad\">\(n)</span>"))</a></li>
                        """
                })</ul></div>
                """
            })<ul class="more-list"><li class="more"><a href="/menu">\(Icon.menu)<span>\(call.t("more"))</span></a></li></ul>\
            <p class="nav-foot">\(house)\(HTML.when(house != "Fettle", " · Fettle"))</p></nav>
            """
    }

    private static func doorBar(_ call: Call, _ house: String) -> HTML {
        "<header><span class=\"strong\">\(house) \(call.t("door.service"))</span>\(languages(call))</header>"
    }

    /// The secret that every form carries.
    public static func token(_ call: Call) -> HTML {
        guard let token = call.caller?.formToken else { return "" }
        return "<input type=\"hidden\" name=\"_form\" value=\"\(token)\">"
    }

    /// What the last form did, said once: `?done=key`.
    private static func flash(_ call: Call) -> HTML {
        guard let key = call.queryValue("done"), key.utf8.count < 60, call.strings.has("done." + key) else {
            return ""
        }
        return
            "<p class=\"banner banner-ok\" role=\"status\">\(Icon.checkCircle)<span>\(call.t("done." + key))</span></p>"
    }
}

/// Initials on a coin: the last given character of a Chinese name, two letters of a Latin one.
public enum Face {
    public static func initials(_ name: String) -> String {
        guard let first = name.unicodeScalars.first else { return "·" }
        if first.value >= 0x2E80 { return String(name.prefix(1)) }
        let words = name.split(separator: " ").filter { $0.first?.isLetter ?? false }
        let letters = [words.first?.first, words.count > 1 ? words.last?.first : nil].compactMap { $0 }
        return letters.isEmpty ? "·" : String(letters).uppercased()
    }

    /// Round for the house, square for everybody else.
    public static func html(_ name: String, isOutside: Bool = false, isMe: Bool = false, large: Bool = false)
        -> HTML
    {
        "<span class=\"face\(large ? " face-l" : "")\(isOutside ? " face-out" : "")\(isMe ? " face-me" : "")\" aria-hidden=\"true\">\(initials(name))</span>"
    }
}

/// A page that says what was refused, whose fault it is not, and what to do next.
enum ErrorPage {
    static func reply(_ call: Call, _ failure: Failure, _ tx: Transaction) throws -> Reply {
        var reply = try Layout.page(
            call, tx, title: call.t("status.\(failure.kind.rawValue)"),
            frame: call.caller == nil ? .door : nil,
            body(call, failure))
        reply.status = failure.kind.rawValue
        return reply
    }

    /// Without the database: when it can't be read at all.
    static func bare(_ call: Call, _ failure: Failure) -> Reply {
        .html(
            """
            <!doctype html><html lang="\(call.language.tag)"><head><meta charset="utf-8"><title>Fettle</title>\
            <link rel="stylesheet" href="\(StaticFiles.path("fettle.css"))"></head><body class="door"><main id="main">\
            \(body(call, failure))</main></body></html>
            """, status: failure.kind.rawValue)
    }

    private static func body(_ call: Call, _ failure: Failure) -> HTML {
        """
        <section class="empty"><p class="muted num">\(failure.kind.rawValue)</p><h1>\(failure.sentence(call.strings))</h1>\
        \(failure.fields.isEmpty ? HTML() : """
            <ul class="faults">\(failure.fields.html { "<li>\(call.strings("error." + $0.code, $0.arguments)) <span class=\"muted sn\">\($0.field)</span></li>" })</ul>
            """)<p>\(call.t("status.\(failure.kind.rawValue).\(call.caller == nil && failure.kind == .notFound ? "stranger" : "hint")"))</p>\
        <div class="row"><a class="btn btn-primary" href="/">\(call.t("error.home"))</a></div>\
        <p class="muted tiny">\(call.t("error.quote")) <span class="sn">\(call.requestID)</span> · <time>\(call.zone.wall(call.now).text)</time></p></section>
        """
    }
}
