import Base
import InstalledBase
import Store
import TestKit
import Testing

/// Buyers become service customers: sales and delivery records, all or nothing.
@Suite struct SalesTests {
    static let records = """
        customer,customer_code,country,project_code,site,time_zone,product,serial,delivered_on,in_service_on,warranty_months
        Observatorio Andino,OA,Bolivia,OA-2026,El Alto,America/La_Paz,GA73,ｇａ73-9,2026-01-10,2026-01-31,12
        Observatorio Andino,OA,Bolivia,OA-2026,El Alto,America/La_Paz,GA73,GA73-10,2026-01-12,,24
        CUSTOMER 1,,,prj-1,Site 1,,7.3米卫星地面站天线,GA73-1,2026-02-01,2026-02-11,

        """

    private func send(
        _ y: Yard, _ records: String, trial: Bool, as who: String = "administrator", map: JSON? = nil
    )
        async throws -> HTTPClient.Response
    {
        try await y.api(who).post(
            "/product-units/import",
            .make(["records": .string(records), "dry_run": .bool(trial), "map": map]))
    }

    private func counts(_ y: Yard) async throws -> [Int64] {
        try await y.house.store.read(by: .system("test")) { tx in
            [
                try tx.int("select count(*) from organization"), try tx.int("select count(*) from project"),
                try tx.int("select count(*) from site"), try tx.int("select count(*) from product_unit"),
                try tx.int("select count(*) from history"),
            ]
        }
    }

    /// A known code beside another name, a known name beside another code: said in the trial, not joined.
    @Test func aCustomerIsNotJoinedBySlip() async throws {
        let y = try await Yard.open()
        _ = try await send(y, Self.records, trial: false)
        let head = "customer,customer_code,product,serial,delivered_on\n"
        for (row, isClean) in [
            ("Observatorio Andino,OA,GA73,N-1,2026-01-10", true),
            ("observatorio andino,,GA73,N-1,2026-01-10", true),
            ("Kesira Observatory,OA,GA73,N-1,2026-01-10", false),
            ("Observatorio Andino,KO,GA73,N-1,2026-01-10", false),
        ] {
            let trial = try await send(y, head + row + "\n", trial: true).json
            #expect(trial["is_clean"]?.bool == isClean, "\(row): \(trial)")
            let code = trial["items"]?.array?.first?["errors"]?.array?.first?["code"]?.string
            #expect(code == (isClean ? nil : "sales.customer_conflict"), "\(row)")
        }
        try await y.house.close()
    }

    /// Days that no unit can have to do with.
    @Test func daysAreNear() async throws {
        let y = try await Yard.open()
        let head = "customer,product,serial,delivered_on,warranty_from,warranty_months,warranty_until\n"
        for (row, field) in [
            ("2026-01-10,,12,", nil), ("9999-01-01,,,", "delivered_on"), ("1949-12-31,,,", "delivered_on"),
            ("2026-01-10,2150-01-01,1200,", "warranty_until"), ("2026-01-10,,,9999-12-31", "warranty_until"),
        ] {
            let trial = try await send(y, head + "CUSTOMER 1,GA73,N-1," + row + "\n", trial: true).json
            let found = trial["items"]?.array?.first?["errors"]?.array?.first
            #expect(found?["field"]?.string == field, "\(row): \(trial)")
            #expect(field == nil || found?["code"]?.string == "field.out_of_range", "\(row): \(trial)")
        }
        try await y.house.close()
    }

    @Test func aTrialSaysWhatWouldBeAndWritesNothing() async throws {
        let y = try await Yard.open()
        let before = try await counts(y)
        let trial = try await send(y, Self.records, trial: true).json
        #expect(try await counts(y) == before)
        #expect(trial["is_clean"] == true)
        #expect(trial["made"] == 3)
        #expect(trial["customers"] == 1 && trial["projects"] == 1 && trial["sites"] == 1)
        let rows = trial["items"]?.array ?? []
        #expect(rows.map { $0["makes"]?.array?.count } == [3, 0, 0])
        #expect(rows.map { $0["line"] } == [2, 3, 4])
        let done = try await send(y, Self.records, trial: false)
        #expect(done.status == 200, "\(done.text)")
        let after = try await counts(y)
        #expect(zip(after, before).map { $0 - $1 }.prefix(4) == [1, 1, 1, 3])
        let found = try await y.api("service_manager").get("/product-units?serial=GA73-9").json["items"]?
            .array?.first
        #expect(found?["warranty_until"] == "2027-01-30")
        #expect(found?["delivered_on"] == "2026-01-10")
        let own = try await y.api("customer").get("/product-units?serial=GA73-1").json["items"]?.array
        #expect(own?.first?["site_id"]?.string == y.id("site1"))
        #expect(try await y.history() == [])
        // Once more: nothing changes. A later file changes what it says and leaves the rest.
        let again = try await send(y, Self.records, trial: false).json
        #expect(again["unchanged"] == 3, "\(again.text)")
        let later = "customer,product,serial,in_service_on\nObservatorio Andino,GA73,GA73-10,2026-03-01\n"
        let changed = try await send(y, later, trial: false).json
        #expect(changed["changed"] == 1)
        #expect(changed["items"]?.array?.first?["changes"] == ["accepted_on"])
        let unit = try await y.api("service_manager").get("/product-units?serial=GA73-10").json["items"]?
            .array?.first
        #expect(unit?["accepted_on"] == "2026-03-01")
        #expect(unit?["warranty_until"] == "2028-01-11")
        #expect(unit?["site_id"] != .null)
        // Delivered: 3, in service: 3, after 21, 10 and 48 days.
        let conversion = try await y.api("management").get(
            "/product-units/conversion?from=2026-01-01&until=2026-12-31"
        ).json
        #expect(conversion["delivered"] == 3 && conversion["in_service"] == 3)
        #expect(conversion["median_days"]?.double == 21)
        #expect(conversion["mean_days"]?.double.map { ($0 * 3).rounded() } == 79)
        #expect(conversion["buyers"] == 2 && conversion["served"] == 2)
        try await y.close()
    }

    @Test func oneBadRowRefusesAll() async throws {
        let y = try await Yard.open()
        let before = try await counts(y)
        let records =
            Self.records + """
                Customer 1,,,,,,NOPE,S-1,2026-01-01,,
                Customer 1,,,,,,GA73,S-2,01/02/2026,,
                Customer 1,,,,,,GA73,GA73-1,2026-01-01,,
                Customer 1,,,PRJ-2,,,GA73,S-3,2026-01-01,,
                Customer 1,,,PRJ-1,New site,,GA73,S-4,2026-01-01,,
                Customer 1,,,,,,GA73,,2026-01-01,,
                ,,,,,,GA73,S-5,2026-01-01,,
                Customer 1,,Atlantis,,,,GA73,S-6,2026-01-01,,
                Customer 1,,,,,,GA73,S-7,2026-02-01,2026-01-01,
                Customer 1,,,,,,GA73,S-8,,,12
                """
        let trial = try await send(y, records, trial: true).json
        #expect(trial["is_clean"] == false)
        let codes = (trial["items"]?.array ?? []).dropFirst(3).map {
            $0["errors"]?.array?.first?["code"]?.string
        }
        #expect(
            codes == [
                "sales.product", "sales.date", "sales.twice", "project.code_taken", "field.required",
                "unit.serial_or_batch", "field.required", "field.not_a_country", "field.ends_before",
                "field.required",
            ])
        let refused = try await send(y, records, trial: false)
        #expect(refused.status == 422)
        #expect(refused.code == "sales.refused")
        #expect(try await counts(y) == before)
        try await y.close()
    }

    @Test func columnsMayBeNamedOtherwise() async throws {
        let y = try await Yard.open()
        let map: JSON = [
            "columns": ["customer": "客户", "product": "型号", "serial": "序列号", "delivered_on": "发货"],
            "date_format": "D/M/YYYY", "missing": "-",
        ]
        let records =
            "客户\t型号\t序列号\t发货\tbatch\nCustomer 1\tGA73\t\"A\"\"1\"\t1/2/2026\t-\nCustomer 1\tGA73\tA2\n"
        let done = try await send(y, records, trial: false, map: map)
        #expect(done.json["made"] == 2, "\(done.text)")
        let unit = try await y.api("customer").get("/product-units?serial=A%221").json["items"]?.array?.first
        #expect(unit?["delivered_on"] == "2026-02-01")
        #expect(unit?["batch"] == .null)
        for (wrong, code) in [
            (["columns": ["nothing": "x"]] as JSON, "import.map"), (["date_format": "x"], "import.map"),
            (["columns": ["customer": "none"]], "import.column_missing"),
        ] { #expect(try await send(y, records, trial: true, map: wrong).code == code) }
        for bad in ["customer,product,serial\n", "x", "customer,product,serial\n\"a"] {
            let status = try await send(y, bad, trial: true).status
            #expect(status == 422 || status == 400)
        }
        try await y.close()
    }

    @Test func onlyTheAdministratorMakesCustomers() async throws {
        let y = try await Yard.open()
        let trial = try await send(y, Self.records, trial: true, as: "service_manager").json
        let codes = trial["items"]?.array?.map { $0["errors"]?.array?.first?["code"]?.string }
        #expect(codes == ["sales.new_customer", "sales.new_customer", nil])
        let known = "customer,product,serial\nCustomer 1,GA73,Z-1\n"
        #expect(try await send(y, known, trial: false, as: "service_manager").json["made"] == 1)
        try await y.close()
    }

    @Test func thePageChecksThenTakes() async throws {
        let y = try await Yard.open()
        let nasty = "customer,product,serial\nCustomer 1,<script>alert(1)</script>,=1+1\n"
        for (records, shown) in [
            (nasty, "Some rows are refused"), (Self.records, "Checked: nothing was written yet"),
        ] {
            let form = FormBody([.init("records", records), .init("dry_run", "1")]).encoded
            for language in ["zh-Hans", "zh-Hant", "en"] {
                try await y.speak(language, "administrator")
                let page = try await y.page(
                    "administrator", "POST", "/product-units/import", form: form)
                #expect(page.status == 200, "\(page.text.prefix(300))")
                if language == "en" { #expect(page.text.contains(shown)) }
                #expect(!page.text.contains("<script>alert"))
                #expect(!page.text.contains(">sales."))
            }
        }
        let form = FormBody([.init("records", Self.records), .init("dry_run", "0")]).encoded
        let done = try await y.page("administrator", "POST", "/product-units/import", form: form)
        #expect(done.text.contains("Taken over"))
        #expect(try await y.api("service_manager").get("/product-units").json["items"]?.array?.count == 3)
        try await y.close()
    }
}
