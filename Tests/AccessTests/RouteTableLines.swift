@testable import Inventory

/// The lines of the route table.
extension RouteTable {
    static let text = """
        GET /healthz | open
        GET /readyz | open
        GET /metrics | open
        GET /api/v1/openapi.json | open
        GET /sign-in | open
        POST /sign-in | open
        GET /sign-in/engineer | open
        POST /sign-in/engineer | open
        GET /sign-in/administrator | open
        POST /sign-in/administrator | open
        GET /static/{hash}/{name} | rest | | open
        POST /sign-out | open
        POST /language | open
        GET /reset/{token} | rest | | open
        POST /reset/{token} | open
        POST /e/{token} | rest | | open
        GET /api/v1/me | all
        GET /me | all
        POST /me | all
        POST /me/theme | all
        GET /me/password | all
        POST /me/password | all
        GET /me/confirmation | all
        POST /me/confirmation | all
        POST /me/sessions/{hash}/ending | rest
        POST /me/tokens | all
        POST /me/tokens/{id}/revocation | rest
        GET /api/v1/tickets | all
        POST /api/v1/tickets | CoSEeL | all
        GET /api/v1/tickets/{id} | sees
        PUT /api/v1/tickets/{id} | C | sees
        GET /api/v1/tickets/{id}/timeline | sees
        GET /api/v1/tickets/{id}/sla | sees
        GET /api/v1/search | all
        GET /api/v1/events | all
        GET /api/v1/notifications | all
        POST /api/v1/notifications/{id}/acknowledgement | S
        POST /notices/{id}/acknowledgement | S
        POST /notices/read | all
        GET /api/v1/tasks | all
        PATCH /api/v1/tasks/{id} | SEeP | sees-
        POST /tasks/{id} | SEeP | sees-
        GET /api/v1/attachments/{id} | sees
        GET /attachments/{id} | sees
        GET / | all
        GET /menu | all
        GET /notices | all
        GET /search | all
        GET /tickets/export.csv | CoSEeTMLQU
        GET /tickets/export.xlsx | CoSEeTMLQU
        GET /triage | S | all
        GET /decisions | M | all
        GET /causes | T | all
        GET /attestations | L | all
        GET /archive-queue | Q | all
        GET /tasks | SEeTMLQKNFAUPx
        GET /visits | SEeTMLQKNFAUx
        GET /feedback | all
        GET /api/v1/feedback | all
        POST /views | all
        POST /views/{id}/removal | rest
        GET /e/{token} | rest | | open
        GET /api/v1/tickets/{id}/parts | CSEeTMLQUKF
        POST /api/v1/tickets/{id}/parts | ETLK | CSEeTMLQUF
        POST /tickets/{id}/parts | ETL | sees
        POST /api/v1/tickets/{id}/parts/{part}/release | rest | CeMQUF
        POST /tickets/{id}/parts/{part}/release | rest | CeMQU
        GET /api/v1/tickets/{id}/problem | SEeTMLQU | C
        POST /api/v1/tickets/{id}/problem | STQ | sees
        POST /tickets/{id}/problem | STQ | sees
        GET /tickets/{id} | sees
        GET /tickets/{id}/form | sees
        GET /tickets/{id}/edit | C | sees
        POST /tickets/{id}/find | C | sees
        POST /tickets/{id}/draft | C | all-o
        GET /tickets/new | CoSEeL | all
        POST /tickets/find | CoSEeL | all
        POST /tickets | CoSEeL | all
        GET /portal | Co
        GET /work | SEeTMLQU
        GET /tickets | CoSEeTMLQU
        GET /wall | SEeTMLQU
        POST /api/v1/feedback | all-P | P
        POST /feedback | all-P | P
        POST /api/v1/feedback/{id}/answer | rest
        POST /feedback/{id}/answer | rest

        """

    /// Each is `POST /api/v1/tickets/{id}/<step>` (or PUT) and the form of the page.
    static let steps = [
        "submission | C", "objection | C", "proposal | ETeSL", "approval | S", "rejection | S",
        "assignment | S",
        "acceptance | E", "refusal | E", "responses | CEeSTL", "notes | EeSTL", "attachments | CEeSTL",
        "pause | E", "resumption | EeSTL", "cause | T", "solution | ET", "solution/acceptance | CL",
        "solution/refusal | CL", "decision | M", "completion | E", "evaluation | C", "attestation | LS",
        "contact-attempts | EeSL", "closure | S", "archive | Q", "reopening | CQ", "addenda | QSEeTL",
        "tasks | EeS", "visits | EeS", "PUT next-action | EeS", "PUT classification | S", "PUT priority | S",
        "split | S", "merge | S", "cancellation | CS", "rating-link | SL",
    ].map { line -> String in
        let isPut = line.hasPrefix("PUT ")
        let parts = line.dropFirst(isPut ? 4 : 0).split(separator: " | ")
        let rights = "| \(parts[1]) | sees"
        return
            "\(isPut ? "PUT" : "POST") /api/v1/tickets/{id}/\(parts[0]) \(rights)\nPOST /tickets/{id}/\(parts[0]) \(rights)\n"
    }.joined()

    /// Service levels: the administrator writes, the auditor and who decides about them read.
    static let levels =
        ["calendars", "holiday-sets", "policies", "schemes"].map { kind in
            let pages = "/admin/levels/\(kind)"
            let api = "/api/v1\(pages)"
            return """
                GET \(pages)/new | A | all
                GET \(pages)/{id} | levels | all
                POST \(pages) | A | all
                POST \(pages)/{id} | A | all
                GET \(api) | levels | all
                GET \(api)/{id} | levels | all
                GET \(api)/{id}/versions | levels | all
                POST \(api) | A | all
                PUT \(api)/{id} | A | all

                """
        }.joined() + """
            GET /admin/levels | levels | all
            GET /admin/levels/trial | levels | all
            POST /admin/levels/policies/{id}/ending | A | all
            POST /admin/levels/holiday-sets/{id}/file | A | all

            """

    /// Who reads stock; for anybody else it does not exist.
    static let stockReaders = "SEeTMLQKFU"

    /// Stock: the keeper writes, an engineer and a site lead ask and write what is theirs, a service
    /// manager approves.
    static let stock: String = {
        let readers = stockReaders
        func line(_ route: String, _ may: String) -> String { "\(route) | \(may) | \(readers)\n" }
        var out = ""
        for path in [
            "balances", "movements", "parts", "parts/{id}", "parts/{id}/batches", "places", "places/{id}",
        ] {
            out += line("GET /api/v1/\(path)", readers)
        }
        for path in ["parts", "places"] {
            out += line("POST /api/v1/\(path)", "K") + line("PATCH /api/v1/\(path)/{id}", "K")
        }
        out += line("POST /api/v1/parts/{id}/concessions", "Q")
        for (path, kind) in Inventory.paths {
            out += line("GET /api/v1/\(path)", readers) + line("GET /api/v1/\(path)/{id}", readers)
            out += line("POST /api/v1/\(path)/{id}/approval", "S")
            out += line("POST /api/v1/\(path)/{id}/rejection", "SK")
            for step in ["posting", "reversal"] { out += line("POST /api/v1/\(path)/{id}/\(step)", "K") }
            if kind != .countDifference {
                out += line("POST /api/v1/\(path)", kind == .statusChange ? "KLEeQ" : "KLEe")
                out += line("PATCH /api/v1/\(path)/{id}", "K")
                for step in ["submission", "withdrawal"] {
                    out += line("POST /api/v1/\(path)/{id}/\(step)", "K")
                }
            }
        }
        for path in [
            "reservations", "reservations/{id}", "periods", "valuation-years", "order-proposals",
            "parts/{id}/substitutes", "rmas", "rmas/{id}", "stock-checks", "stock-checks/{id}",
            "stock-checks/{id}/lines",
        ] { out += line("GET /api/v1/\(path)", readers) }
        out += line("POST /api/v1/reservations", "KEeLS")
        out += line("POST /api/v1/reservations/{id}/release", "SK")
        out += line("POST /api/v1/reservations/{id}/approval", "S")
        for path in ["periods", "periods/{month}/reopening", "valuation-years"] {
            out += line("POST /api/v1/\(path)", "FM")
        }
        out += line("POST /api/v1/rmas/{id}/disposition", "KQ")
        out += line("POST /api/v1/stock-checks", "KLEe")
        out += line("POST /api/v1/stock-checks/{id}/counts", "K")
        out += line("POST /api/v1/stock-checks/{id}/submission", "K")
        out += line("POST /api/v1/stock-checks/{id}/approval", "SFM")
        out += line("POST /api/v1/stock-checks/{id}/cancellation", "K")
        for path in ["transfers/{id}/receipt", "shipments/{id}/receipt", "loans/{id}/return"] {
            out += line("POST /api/v1/\(path)", "K")
        }
        return out
    }()

    /// The administrator writes, the auditor reads, nobody else knocks.
    static let admin =
        [
            "GET /api/v1/admin/accounts", "GET /api/v1/admin/accounts/{id}", "GET /admin/accounts",
            "GET /admin/accounts/{id}", "GET /api/v1/admin/organizations",
            "GET /api/v1/admin/organizations/{id}",
            "GET /admin/units", "GET /admin/customers", "GET /admin/suppliers",
            "GET /admin/organizations/{id}",
            "GET /api/v1/admin/projects", "GET /api/v1/admin/projects/{id}", "GET /admin/projects",
            "GET /admin/projects/{id}", "GET /api/v1/admin/sites/{id}", "GET /admin/sites/{id}",
            "GET /api/v1/admin/settings", "GET /admin/settings", "GET /api/v1/admin/routing",
            "GET /admin/routing",
        ].map { "\($0) | AU | all\n" }.joined()
        + [
            "GET /admin/accounts/new", "GET /admin/organizations/new", "GET /admin/projects/new",
            "GET /admin/projects/{id}/sites/new", "POST /api/v1/admin/accounts", "POST /admin/accounts",
            "PATCH /api/v1/admin/accounts/{id}", "POST /admin/accounts/{id}",
            "POST /api/v1/admin/accounts/{id}/disabling", "POST /admin/accounts/{id}/disabling",
            "POST /api/v1/admin/accounts/{id}/enabling", "POST /admin/accounts/{id}/enabling",
            "POST /api/v1/admin/accounts/{id}/posts", "POST /admin/accounts/{id}/posts",
            "POST /api/v1/admin/accounts/{id}/reset-link", "POST /admin/accounts/{id}/reset-link",
            "POST /api/v1/admin/organizations", "POST /admin/organizations",
            "PATCH /api/v1/admin/organizations/{id}", "POST /admin/organizations/{id}",
            "POST /api/v1/admin/projects/{id}/contacts", "POST /admin/projects/{id}/contacts",
            "POST /api/v1/admin/projects/{id}/sites", "POST /admin/projects/{id}/sites",
            "POST /api/v1/admin/projects", "POST /admin/projects", "PATCH /api/v1/admin/projects/{id}",
            "POST /admin/projects/{id}", "PATCH /api/v1/admin/sites/{id}", "POST /admin/sites/{id}",
            "PUT /api/v1/admin/settings/{name}", "POST /admin/settings/{name}", "POST /api/v1/admin/routing",
            "POST /admin/routing", "DELETE /api/v1/admin/routing/{id}", "POST /admin/routing/{id}/removal",
        ].map { "\($0) | A | all\n" }.joined()
        + [
            "POST /api/v1/admin/accounts/{id}/posts/{post}/ending",
            "POST /admin/accounts/{id}/posts/{post}/ending",
        ].map { "\($0) | rest | all-AU\n" }.joined()
}
