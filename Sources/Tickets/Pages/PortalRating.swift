import Base
import People
import Store
import Web

/// The rating by a one-time link or by the code on the paper form: no signing in, one page, once.
enum PortalRating {
    static let axes = ["response", "attitude", "skill", "result"]

    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        if call.parameter("token") == "thanks" { return try thanks(call, tx) }
        let view = try TicketRating.open(call.parameter("token"), tx)
        let t = view.ticket
        let form = Form(call)
        var h: HTML = """
            <div class="door-card rating-card"><div class="stack"><h1>\(call.t("rating.title"))</h1>\
            <p><span class="num">\(t.number)</span> \(t.title)</p><p class="muted">\(call.t("rating.hint"))</p></div>
            """
        h += form.open("/e/\(call.parameter("token"))")
        h += form.summary
        h += axes.html { axis(call, $0) }
        h += form.area("comment", call.t("rating.comment"), rows: 3)
        h += form.submit(call.t("rating.send"), block: true)
        return try Layout.page(call, tx, title: call.t("rating.title"), frame: .door, h + "</form></div>")
    }

    /// Five choices from bad to very good, each with its number and the ends with words.
    static func axis(_ call: Call, _ name: String) -> HTML {
        let chosen = call.typed(name)
        let fault: HTML =
            call.fault(name).map { "<p class=\"error\">\(Icon.alert)<span>\($0)</span></p>" } ?? ""
        return """
            <fieldset class="stack" id="f-\(name)"><legend class="label">\(call.t("rating.\(name)"))</legend>\(fault)\
            <div class="segments segments-5">\((1...5).html { n in
                """
                <label><input type="radio" name="\(name)" value="\(n)" required\(HTML.when(chosen == String(n), " checked"))>\
                <span>\(n)<span class="vh"> \(call.t("rating.value.\(n)"))</span></span></label>
                """
            })</div><p class="row tiny muted"><span>1 \(call.t("rating.value.1"))</span><span class="row-end">5 \(call.t("rating.value.5"))</span></p></fieldset>
            """
    }

    /// The link itself, this once: to be sent, read out, or held against a telephone's camera.
    static func link(_ token: String, _ ticket: Ticket, _ call: Call, _ tx: Transaction) throws -> Reply {
        let base = try Settings.baseURL(tx)
        let address = (base ?? "") + "/e/" + token
        // A code without the house's address would lead nowhere.
        let code: HTML =
            base == nil
            ? "<p class=\"muted small\">\(call.t("rating.link.no_base"))</p>"
            : "\(QRCode.svg(address, label: call.t("rating.link.qr")))"
        let back = "/tickets/" + ticket.number
        return try Layout.page(
            call, tx, title: call.t("rating.link.title"), current: "/tickets",
            """
            <ol class="crumbs"><li><a href="\(back)">\(ticket.number)</a></li><li>\(call.t("rating.link.title"))</li></ol>\
            \(WorkParts.head(call.t("rating.link.title"), "\(call.t("rating.link.hint"))"))\
            <section class="panel panel-body stack rating-link"><p><code class="sn">\(address)</code></p>\
            \(code)<p><a class="btn" href="\(back)">\(call.t("rating.link.kept"))</a></p></section>
            """)
    }

    private static func thanks(_ call: Call, _ tx: Transaction) throws -> Reply {
        try Layout.page(
            call, tx, title: call.t("rating.thanks"), frame: .door,
            """
            <section class="empty">\(Icon.checkCircle.large)<h1>\(call.t("rating.thanks"))</h1><p>\(call.t("rating.thanks.hint"))</p></section>
            """)
    }
}
