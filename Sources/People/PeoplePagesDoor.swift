import Base
import Store
import Web

/// Signing in, resetting and confirming a password.
enum DoorPages {
    /// Each says who it is for; a wrong one still opens, and everybody lands on their own start page.
    enum Entrance: String, CaseIterable, Sendable {
        case engineer, customer, administrator
        var path: String { self == .customer ? "/sign-in" : "/sign-in/" + rawValue }
    }

    static func signIn(_ entrance: Entrance, _ call: Call, _ tx: Transaction) throws -> Reply {
        let form = Form(call)
        let next = LocalPath.safe(call.typed("next") ?? call.queryValue("next"), else: "")
        let query = next.isEmpty ? "" : "?next=" + FormBody.encode(next)
        let notice: HTML =
            call.queryValue("done") == "password"
            ? banner("ok", .checkCircle, call.t("door.password_set"))
            : HTML.when(!next.isEmpty && call.failure == nil, banner("info", .info, call.t("door.first")))
        let signedIn = call.caller.map { call.t("door.signed_in", ["name": $0.actor.name]) }
        return try page(
            call, tx, title: call.t("door.sign_in"),
            lead: call.t("door.\(entrance.rawValue).hint"),
            """
            <nav class="entries" aria-label="\(call.t("door.entries"))">\(Entrance.allCases.html { e in
                "<a href=\"\(e.path)\(query)\"\(HTML.when(e == entrance, " aria-current=\"page\""))>\(call.t("door.\(e.rawValue)"))</a>"
            })</nav>\(notice)\(signedIn.map { banner("info", .user, $0) })\(form.summary)\(form.open(entrance.path, class: "stack"))\
            \(form.text("login", call.t("door.login"), autocomplete: "username", required: true))\
            \(form.text("password", call.t("door.password"), value: "", type: "password", autocomplete: "current-password", required: true))\
            \(next.isEmpty ? "" as HTML : form.hidden("next", next))\(form.box("keep", call.t("door.keep")))\
            \(form.submit(call.t("door.sign_in"), block: true))</form>\
            <details class="fold"><summary>\(call.t("door.forgotten"))</summary><p class="small muted">\(call.t("door.forgotten.hint"))</p></details>
            """)
    }

    static func reset(_ call: Call, _ tx: Transaction) throws -> Reply {
        let hash = Secrets.tokenHash(call.parameter("token"))
        guard let account = try tx.openReset(hash: hash).flatMap({ try tx.account($0) }) else {
            throw Failure.notFound("reset.invalid")
        }
        let form = Form(call)
        return try page(
            call, tx, title: call.t("door.reset"),
            lead: call.t("door.reset.hint", ["login": account.login]),
            """
            \(form.summary)\(form.open(call.path, class: "stack"))\
            <input type="hidden" name="username" value="\(account.login)" autocomplete="username">\
            \(passwords(form, call))\(form.submit(call.t("door.reset.submit"), block: true))</form>
            """)
    }

    static func passwordPath(next: String) -> String {
        Dispatcher.passwordPage + (next == "/" ? "" : "?next=" + FormBody.encode(next))
    }

    /// A password that somebody else made up is changed before anything else.
    static func password(_ call: Call, _ tx: Transaction) throws -> Reply {
        let form = Form(call)
        let must = call.caller?.mustChangePassword == true
        let next = LocalPath.safe(call.typed("next") ?? call.queryValue("next"), else: "")
        let leave: HTML =
            must
            ? """
            <form method="post" action="/sign-out">\(Layout.token(call))<button class="btn btn-block" type="submit">\(call.t("sign_out"))</button></form>
            """
            : "<a class=\"btn btn-block\" href=\"/me\">\(call.t("form.cancel"))</a>"
        return try page(
            call, tx, title: call.t("me.password.submit"),
            lead: call.t(must ? "me.must_change" : "me.password.hint"),
            """
            \(form.summary)\(form.open(Dispatcher.passwordPage, class: "stack"))\
            <input type="hidden" name="username" value="\(call.caller?.login)" autocomplete="username">\
            \(form.text("old_password", call.t("me.old_password"), value: "", type: "password", autocomplete: "current-password", required: true))\
            \(passwords(form, call))\(next.isEmpty ? "" as HTML : form.hidden("next", next))\
            \(form.submit(call.t("me.password.submit"), block: true))</form>\(leave)
            """)
    }

    /// After a refusal: this page where the password has to be changed, else one's own.
    static func passwordAgain(_ call: Call, _ tx: Transaction) throws -> Reply {
        call.caller?.mustChangePassword == true ? try password(call, tx) : try MePages.me(call, tx)
    }

    static func confirmation(_ call: Call, _ tx: Transaction) throws -> Reply {
        let form = Form(call)
        let next = LocalPath.safe(call.typed("next") ?? call.queryValue("next"), else: "/me")
        return try page(
            call, tx, title: call.t("signature.confirm"), lead: call.t("signature.needed.hint"),
            """
            \(form.summary)\(form.open("/me/confirmation", class: "stack"))\
            \(form.text("password", call.t("door.password"), value: "", type: "password", autocomplete: "current-password", required: true))\
            \(form.hidden("next", next))\(form.submit(call.t("signature.confirm"), block: true))\
            <a class="btn btn-block" href="\(next)">\(call.t("form.cancel"))</a></form>
            """)
    }

    /// A new password, twice.
    static func passwords(_ form: Form, _ call: Call) -> HTML {
        form.text(
            "password", call.t("door.new_password"), value: "",
            hint: call.t("door.new_password.hint", ["min": String(Passwords.shortest)]), type: "password",
            autocomplete: "new-password", required: true)
            + form.text(
                "password_again", call.t("door.password_again"), value: "", type: "password",
                autocomplete: "new-password", required: true)
    }

    private static func banner(_ kind: String, _ icon: Icon, _ text: String) -> HTML {
        "<p class=\"banner banner-\(kind)\" role=\"status\">\(icon)<span>\(text)</span></p>"
    }

    private static func page(
        _ call: Call, _ tx: Transaction, title: String, lead: String, _ body: HTML
    ) throws -> Reply {
        try Layout.page(
            call, tx, title: title, frame: .door,
            """
            <div class="door-card">\(Layout.mark)<div><h1>\(title)</h1><p class="muted">\(lead)</p></div>\(body)</div>
            """)
    }
}
