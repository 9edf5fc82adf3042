import Base
import Store
import Web

/// One's own page: data, preferences, password, sessions, tokens.
enum MePages {
    static func me(_ call: Call, _ tx: Transaction) throws -> Reply {
        guard let caller = call.caller, let id = caller.actor.id, let account = try tx.account(id) else {
            throw Failure(.unauthenticated, "unauthenticated")
        }
        let form = Form(call)
        let organization = try tx.organization(account.organization)
        let posts = try tx.posts(of: [id]).filter { $0.isHeld(at: call.now) }
        let sessions = try tx.sessions(of: id)
        let tokens = try tx.tokens(of: id)
        return try Layout.page(
            call, tx, title: call.t("me.account"), current: "/me",
            """
            \(Parts.head(call.t("me.account"), lead: account.name(in: call.language)))\(form.summary)<div class="two"><div class="stack-l">\
            \(Parts.panel(call.t("me.data"), data(account, organization, posts, call)))\
            \(Parts.panel(call.t("me.preferences"), preferences(account, form, call)))\
            \(Parts.panel(call.t("me.password"), """
                <p class="muted small">\(call.t("me.password.hint"))</p>\(form.open("/me/password", class: "stack"))\
                \(form.text("old_password", call.t("me.old_password"), value: "", type: "password", autocomplete: "current-password", required: true))\
                \(DoorPages.passwords(form, call))<div class="row"><button class="btn" type="submit">\(call.t("me.password.submit"))</button></div></form>
                """, id: "password"))</div><div class="stack-l">\
            \(Parts.panel(call.t("me.sessions"), sessionList(sessions, caller, call), id: "sessions"))\
            \(Parts.panel(call.t("me.tokens"), tokenList(tokens, form, call), id: "tokens"))</div></div>
            """)
    }

    /// The token itself, this once.
    static func token(_ token: String, _ call: Call, _ tx: Transaction) throws -> Reply {
        try Layout.page(
            call, tx, title: call.t("me.tokens"), current: "/me",
            """
            \(Parts.head(call.t("me.token.made"), lead: call.t("me.token.once"), crumbs: [("/me", call.t("me.account"))]))\
            \(Parts.panel(call.t("me.token"), "<p><code class=\"sn\">\(token)</code></p><p><a class=\"btn\" href=\"/me\">\(call.t("me.token.kept"))</a></p>"))
            """)
    }

    private static func data(_ a: Account, _ o: Organization?, _ posts: [Post], _ call: Call) -> HTML {
        let held: HTML =
            posts.isEmpty
            ? "\(call.t("people.no_posts"))"
            : posts.html { p in
                let place = [p.unitName, p.projectName, p.siteName].compactMap { $0 }.joined(separator: " · ")
                return
                    "<div>\(Parts.role(p.role, call))\(place.isEmpty ? "" as HTML : " <span class=\"muted small\">\(place)</span>")</div>"
            }
        return Parts.facts([
            (call.t("people.f.login"), "<span class=\"sn\">\(a.login)</span>"),
            (
                call.t("people.f.person"),
                "\(a.name)\(a.nameLatin.map { " <span class=\"muted\">\($0)</span>" } ?? "" as HTML)"
            ),
            (call.t("people.f.organization_id"), "\(o?.name(in: call.language))"),
            (call.t("people.posts"), held), (call.t("people.f.email"), "\(a.email ?? "–")"),
        ])
    }

    private static func preferences(_ a: Account, _ form: Form, _ call: Call) -> HTML {
        """
        \(form.open("/me", class: "stack"))\(form.select("language", call.t("people.f.language"), Parts.languages(call), value: a.language.rawValue))\
        \(form.text("time_zone", call.t("people.f.time_zone"), value: a.zone, hint: call.t("people.zone.hint"), required: true))\
        \(form.select("theme", call.t("people.f.theme"), Theme.allCases.map { ($0.rawValue, call.t("theme.\($0.rawValue).name")) }, value: a.theme ?? "system"))\
        \(form.text("phone", call.t("people.f.phone"), value: a.phone, type: "tel", autocomplete: "tel"))\
        <div class="row">\(form.submit(call.t("form.save")))</div></form>
        """
    }

    private static func sessionList(_ sessions: [SessionRow], _ caller: Caller, _ call: Call) -> HTML {
        """
        <p class="muted small">\(call.t("me.sessions.hint"))</p>\
        <ul class="stack">\(sessions.html { s in
            """
            <li class="row"><span><span class="sn">\(s.remote.isEmpty ? "–" : s.remote)</span> <span class="muted small">\(browser(s.agent))</span><br>\
            <span class="muted small">\(call.t("me.session.since")) \(Times(call).short(s.createdAt)) · \(call.t("me.session.seen")) \(Times(call).short(s.lastSeenAt))</span></span>\
            <span class="row-end">\(s.hash == caller.sessionID
                ? "<span class=\"tag tag-ok\">\(call.t("me.session.this"))</span>" as HTML
                : Parts.button(call, "/me/sessions/\(s.hash)/ending", call.t("me.session.end")))</span></li>
            """
        })</ul>
        """
    }

    /// Enough of a user agent to know one's own browser.
    private static func browser(_ agent: String) -> String {
        let known = [
            ("Edg/", "Edge"), ("Firefox/", "Firefox"), ("MicroMessenger", "WeChat"), ("Chrome/", "Chrome"),
            ("Safari/", "Safari"), ("curl/", "curl"),
        ]
        return known.first { agent.contains($0.0) }?.1 ?? String(agent.prefix(40))
    }

    private static func tokenList(_ tokens: [TokenRow], _ form: Form, _ call: Call) -> HTML {
        let list: HTML =
            tokens.isEmpty
            ? "<p class=\"muted\">\(call.t("me.tokens.none"))</p>"
            : "<ul class=\"stack\">\(tokens.html { t in row(t, call) })</ul>"
        return """
            <p class="muted small">\(call.t("me.tokens.hint"))</p>\(list)\(form.open("/me/tokens", class: "stack"))\
            \(form.text("name", call.t("me.token.name"), hint: call.t("me.token.name.hint"), required: true))\
            \(form.text("days", call.t("me.token.days"), inputMode: "numeric"))\
            <div class="row"><button class="btn" type="submit">\(Icon.plus)\(call.t("me.token.make"))</button></div></form>
            """
    }

    private static func row(_ t: TokenRow, _ call: Call) -> HTML {
        let used: HTML = t.lastUsedAt.map { Times(call).short($0) } ?? "\(call.t("me.token.never"))"
        let until: HTML = t.expiresAt.map { " · \(call.t("me.token.until")) \(Times(call).short($0))" } ?? ""
        return """
            <li class="row"><span>\(t.name)<br><span class="muted small">\(call.t("me.token.made_at")) \(Times(call).short(t.createdAt)) · \
            \(call.t("me.token.used")) \(used)\(until)</span></span>\
            <span class="row-end">\(Parts.button(call, "/me/tokens/\(t.id)/revocation", call.t("me.token.revoke"), danger: true))</span></li>
            """
    }
}
