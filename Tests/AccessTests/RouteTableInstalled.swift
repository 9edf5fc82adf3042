/// Installed base: the house reads, the service manager and the administrator keep, who works at a unit's
/// place writes down what happens to it, a customer reads its own.
extension RouteTable {
    static let installed =
        """
        GET /api/v1/products | SEeTMLQKFAU
        GET /api/v1/products/{id} | SEeTMLQKFAU
        POST /api/v1/products | SA | EeTMLQKFU
        PATCH /api/v1/products/{id} | SA | EeTMLQKFU
        GET /api/v1/product-units | CoSEeTMLQKAU
        GET /api/v1/product-units/lookup | CoSEeTMLQKAU
        GET /api/v1/product-units/{id} | CSTMLQKAU
        POST /api/v1/product-units | SA | CoEeTMLQKU
        PATCH /api/v1/product-units/{id} | SLA | CTMQKU
        GET /api/v1/contracts | CoSEeTMLQKAU
        GET /api/v1/contracts/{id} | CSTMLQKAU
        POST /api/v1/contracts | SA | CoEeTMLQKU
        PATCH /api/v1/contracts/{id} | SA | CTMLQKU
        GET /products | SEeTMLQKFAU
        GET /products/new | SA | EeTMLQKFU
        GET /products/{id} | SEeTMLQKFAU
        POST /products | SA | EeTMLQKFU
        POST /products/{id} | SA | EeTMLQKFU
        GET /product-units | CoSEeTMLQKAU
        GET /product-units/new | SA | CoEeTMLQKU
        GET /product-units/export.csv | CoSEeTMLQKAU
        GET /product-units/export.xlsx | CoSEeTMLQKAU
        GET /product-units/{id} | CSTMLQKAU
        GET /product-units/{id}/edit | SLA | CTMQKU
        POST /product-units | SA | CoEeTMLQKU
        POST /product-units/{id} | SLA | CTMQKU
        GET /product-units/import | SA | CoEeTMLQKU
        POST /product-units/import | SA | CoEeTMLQKU
        POST /api/v1/product-units/import | SA | CoEeTMLQKU
        GET /api/v1/product-units/conversion | CoSEeTMLQKAU
        GET /contracts | CoSEeTMLQKAU
        GET /contracts/new | SA | CoEeTMLQKU
        GET /contracts/{id} | CSTMLQKAU
        POST /contracts | SA | CoEeTMLQKU
        POST /contracts/{id} | SA | CTMLQKU
        POST /api/v1/product-units/{id}/configuration/{part}/removal | rest
        POST /product-units/{id}/configuration/{part}/removal | rest
        PATCH /api/v1/product-units/{id}/downtimes/{downtime} | rest
        POST /product-units/{id}/downtimes/{downtime} | rest

        """
        + ["configuration", "readings", "downtimes", "contacts"].map { part in
            let may = part == "contacts" ? "SA | CTMLQKU" : "SLA | CTMQKU"
            return """
                GET /api/v1/product-units/{id}/\(part) | CSTMLQKAU
                POST /api/v1/product-units/{id}/\(part) | \(may)
                POST /product-units/{id}/\(part) | \(may)

                """
        }.joined()
}
