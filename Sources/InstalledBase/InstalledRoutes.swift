import Base
import Store
import Web

extension InstalledBase {
    private static let tag = "installed base"

    public static func routes(_ routes: inout Routes, _ neighbours: Neighbours) {
        ProductPages.routes(&routes)
        UnitPages.routes(&routes, neighbours)
        ContractPages.routes(&routes)
        SalesImport.routes(&routes)
        productRoutes(&routes)
        unitRoutes(&routes, neighbours)
        partRoutes(&routes, neighbours)
        downtimeRoutes(&routes, neighbours)
        contractRoutes(&routes)
    }

    // MARK: Products

    private static func productRoutes(_ routes: inout Routes) {
        routes.get(
            "/products",
            .init(
                "Products", tag: tag, query: ProductQuery.self, answer: .page(InstalledJSON.product))
        ) { call, tx in Reply.json(try productPage(call, tx), InstalledJSON.product) }
        routes.get("/products/{id}", .init("A product", tag: tag, answer: .one(InstalledJSON.product))) {
            call, tx in
            let product = try product(of: call, tx)
            return Reply.json(product, InstalledJSON.product).tagged(product.version)
        }
        routes.change(
            "POST", "/products",
            .init(
                "Add a product, a subsystem or a position", tag: tag, body: NewProduct.self,
                answer: .one(InstalledJSON.product), status: 201)
        ) { call, tx in
            try InstalledAccess.requireCatalogue(tx)
            try InstalledAccess.requireKeeper(tx)
            let new = try add(call.input(NewProduct.self), tx)
            return Reply.created(InstalledJSON.product.json(new), at: "/api/v1/products/" + new.id.text)
                .tagged(new.version)
        }
        var doc = Route.Doc(
            "Change a product", tag: tag, body: EditProduct.self, answer: .one(InstalledJSON.product))
        doc.needsMatch = true
        routes.change("PATCH", "/products/{id}", doc, changeProduct)
    }

    static func product(of call: Call, _ tx: Transaction) throws -> Product {
        try InstalledAccess.requireCatalogue(tx)
        guard let product = try tx.product(call.id()) else { throw Failure.notFound("product.not_found") }
        return product
    }

    static func changeProduct(_ call: Call, _ tx: Transaction) throws -> Reply {
        let old = try product(of: call, tx)
        try InstalledAccess.requireKeeper(tx)
        try call.requireVersion(old.version)
        let new = try change(old, call.input(EditProduct.self), tx)
        return call.respond(
            page: "/products/\(new.id.text)?done=saved", json: InstalledJSON.product.json(new),
            version: new.version)
    }

    // MARK: Units

    private static func unitRoutes(_ routes: inout Routes, _ neighbours: Neighbours) {
        routes.get(
            "/product-units",
            .init("Product units", tag: tag, query: UnitQuery.self, answer: .page(InstalledJSON.unit))
        ) { call, tx in
            let page = try unitPage(call, tx)
            return Reply.json(
                Page(items: try InstalledJSON.whole(page.items, tx), nextCursor: page.nextCursor),
                InstalledJSON.unit)
        }
        routes.get(
            "/product-units/lookup",
            .init(
                "What intake asks of a serial number", tag: tag, query: SerialQuery.self,
                answer: .page(InstalledJSON.found))
        ) { call, tx in
            try InstalledAccess.requireReader(tx)
            let found = try lookup(serial: call.filter(SerialQuery.self).serial, neighbours, tx)
            return Reply.json(Page(items: found, nextCursor: nil), InstalledJSON.found)
        }
        routes.get(
            "/product-units/{id}", .init("A product unit", tag: tag, answer: .one(InstalledJSON.unit))
        ) { call, tx in
            let unit = try unit(of: call, tx)
            return try Reply.json(json(unit, tx)).tagged(unit.version)
        }
        routes.change(
            "POST", "/product-units",
            .init(
                "Add a product unit", tag: tag, body: NewProductUnit.self, answer: .one(InstalledJSON.unit),
                status: 201)
        ) { call, tx in
            try InstalledAccess.requireReader(tx)
            try InstalledAccess.requireKeeper(tx)
            let new = try add(call.input(NewProductUnit.self), tx)
            return try Reply.created(json(new, tx), at: "/api/v1/product-units/" + new.id.text).tagged(
                new.version)
        }
        var doc = Route.Doc(
            "Change a product unit", tag: tag, body: EditProductUnit.self, answer: .one(InstalledJSON.unit))
        doc.needsMatch = true
        routes.change("PATCH", "/product-units/{id}", doc, changeUnit)
    }

    static func unit(of call: Call, _ tx: Transaction) throws -> ProductUnit {
        try tx.productUnit(call.id())
    }

    static func json(_ unit: ProductUnit, _ tx: Transaction) throws -> JSON {
        InstalledJSON.unit.json(
            .init(unit: unit, product: try tx.product(unit.product), warranty: try warranty(unit, tx)))
    }

    static func changeUnit(_ call: Call, _ tx: Transaction) throws -> Reply {
        let old = try unit(of: call, tx)
        try InstalledAccess.requireWorker(tx)
        try call.requireVersion(old.version)
        let new = try change(old, call.input(EditProductUnit.self), tx)
        return try call.respond(
            page: "/product-units/\(new.id.text)?done=saved", json: json(new, tx), version: new.version)
    }

    // MARK: Configuration, readings, contacts

    private static func partRoutes(_ routes: inout Routes, _ neighbours: Neighbours) {
        list(&routes, "configuration", "Configuration and its history", InstalledJSON.part) {
            try $1.unitParts($0.id)
        }
        list(&routes, "readings", "Readings of operating hours", InstalledJSON.reading) {
            try $1.unitReadings($0.id)
        }
        list(&routes, "contacts", "Contact persons", InstalledJSON.contact) { try $1.unitContacts($0.id) }
        step(&routes, neighbours, "configuration", "Fit a part", NewUnitPart.self, InstalledJSON.part) {
            try fit($0, to: $1, $2)
        }
        routes.step(
            "/product-units/{id}/configuration/{part}/removal",
            .init(
                "Take a part out", tag: tag, body: RemovedPart.self, answer: .one(InstalledJSON.part)),
            again: UnitPage.again(neighbours)
        ) { call, tx in
            let unit = try unit(of: call, tx)
            let part = try remove(
                call.parameter("part"), from: unit, at: call.input(RemovedPart.self).at, tx)
            return call.respond(
                page: "/product-units/\(unit.id.text)?done=saved", json: InstalledJSON.part.json(part))
        }
        step(
            &routes, neighbours, "readings", "Read the operating hours", NewReading.self,
            InstalledJSON.reading
        ) {
            try read($0, of: $1, $2)
        }
        step(
            &routes, neighbours, "contacts", "Name a contact person", NewUnitContact.self,
            InstalledJSON.contact,
            keepers: true
        ) { try name($0, of: $1, $2) }
    }

    /// `GET /product-units/{id}/<name>`: all rows of a unit that there are.
    private static func list<T: Sendable>(
        _ routes: inout Routes, _ name: String, _ summary: String, _ shape: Shape<T>,
        _ rows: @escaping @Sendable (ProductUnit, Transaction) throws -> [T]
    ) {
        routes.get("/product-units/{id}/" + name, .init(summary, tag: tag, answer: .page(shape))) {
            call, tx in
            Reply.json(Page(items: try rows(unit(of: call, tx), tx), nextCursor: nil), shape)
        }
    }

    /// `POST /product-units/{id}/<name>`: adds a row.
    private static func step<C: Command, T: Sendable>(
        _ routes: inout Routes, _ neighbours: Neighbours, _ name: String, _ summary: String, _: C.Type,
        _ shape: Shape<T>, keepers: Bool = false,
        _ take: @escaping @Sendable (C, ProductUnit, Transaction) throws -> T
    ) {
        routes.step(
            "/product-units/{id}/" + name,
            .init(summary, tag: tag, body: C.self, answer: .one(shape), status: 201),
            again: UnitPage.again(neighbours)
        ) { call, tx in
            let unit = try unit(of: call, tx)
            try keepers ? InstalledAccess.requireKeeper(tx) : InstalledAccess.requireWorker(tx)
            let row = try take(call.input(C.self), unit, tx)
            let path = "/product-units/\(unit.id.text)"
            return call.respond(made: "\(path)/\(name)", page: path + "?done=saved", json: shape.json(row))
        }
    }

    // MARK: Downtimes

    private static func downtimeRoutes(_ routes: inout Routes, _ neighbours: Neighbours) {
        list(&routes, "downtimes", "Downtimes", InstalledJSON.downtime) { try $1.unitDowntimes($0.id) }
        step(
            &routes, neighbours, "downtimes", "Write down a downtime", NewDowntime.self,
            InstalledJSON.downtime
        ) {
            try add($0, to: $1, neighbours, $2)
        }
        var doc = Route.Doc(
            "Change or end a downtime", tag: tag, body: EditDowntime.self,
            answer: .one(InstalledJSON.downtime))
        doc.needsMatch = true
        let change: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            let unit = try unit(of: call, tx)
            guard
                let old = try tx.unitDowntimes(unit.id).first(where: { $0.id == call.parameter("downtime") })
            else { throw Failure.notFound() }
            try InstalledAccess.requireWorker(tx)
            try call.requireVersion(old.version)
            let new = try self.change(old, of: unit, call.input(EditDowntime.self), tx)
            return call.respond(
                page: "/product-units/\(unit.id.text)?done=saved", json: InstalledJSON.downtime.json(new),
                version: new.version)
        }
        routes.change("PATCH", "/product-units/{id}/downtimes/{downtime}", doc, change)
        routes.form(
            "/product-units/{id}/downtimes/{downtime}", again: UnitPage.again(neighbours),
            change)
    }

    // MARK: Contracts

    private static func contractRoutes(_ routes: inout Routes) {
        routes.get(
            "/contracts",
            .init("Contracts", tag: tag, query: ContractQuery.self, answer: .page(InstalledJSON.contract))
        ) { call, tx in Reply.json(try contractPage(call, tx), InstalledJSON.contract) }
        routes.get("/contracts/{id}", .init("A contract", tag: tag, answer: .one(InstalledJSON.contract))) {
            call, tx in
            let contract = try tx.contract(call.id())
            return Reply.json(contract, InstalledJSON.contract).tagged(contract.version)
        }
        routes.change(
            "POST", "/contracts",
            .init(
                "Add a contract", tag: tag, body: NewContract.self, answer: .one(InstalledJSON.contract),
                status: 201)
        ) { call, tx in
            try InstalledAccess.requireReader(tx)
            try InstalledAccess.requireKeeper(tx)
            let new = try add(call.input(NewContract.self), tx)
            return Reply.created(InstalledJSON.contract.json(new), at: "/api/v1/contracts/" + new.id.text)
                .tagged(new.version)
        }
        var doc = Route.Doc(
            "Change a contract", tag: tag, body: EditContract.self, answer: .one(InstalledJSON.contract))
        doc.needsMatch = true
        routes.change("PATCH", "/contracts/{id}", doc, changeContract)
    }

    static func changeContract(_ call: Call, _ tx: Transaction) throws -> Reply {
        let old = try tx.contract(call.id())
        try InstalledAccess.requireKeeper(tx)
        try call.requireVersion(old.version)
        let new = try change(old, call.input(EditContract.self), tx)
        return call.respond(
            page: "/contracts/\(new.id.text)?done=saved", json: InstalledJSON.contract.json(new),
            version: new.version)
    }
}
