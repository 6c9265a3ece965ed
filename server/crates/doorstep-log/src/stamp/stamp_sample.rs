//! A stamp of 100 years made once with `openssl ts`, with its request and the certificate that vouches: invented, keys gone.
//! What was stamped is the checkpoint of a log with one leaf, so that it fits into an export.

/// The request as OpenSSL wrote it, base64.
pub(crate) const REQUEST: &str = "\
    MEMCAQEwMTANBglghkgBZQMEAgEFAAQgtaxF37lT+YcX8L+s8TvF34AGDuQNnVqiqchcTQJ4NIsCCCGSRrAJ5qXAAQH/";

/// The answer, base64.
pub(crate) const RESPONSE: &str = "\
    MIIEFTADAgEAMIIEDAYJKoZIhvcNAQcCoIID/TCCA/kCAQMxDzANBglghkgBZQMEAgEFADCBsQYLKoZIhvcNAQkQAQSggaEEgZ4wgZsCAQEGBCoDBAEw\
    MTANBglghkgBZQMEAgEFAAQgtaxF37lT+YcX8L+s8TvF34AGDuQNnVqiqchcTQJ4NIsCAQIYEzIwMjYxMTIyMDk1MDM2LjUxN1owCgIBAYACAfSBAWQC\
    CCGSRrAJ5qXAoC+kLTArMRAwDgYDVQQKDAdFeGFtcGxlMRcwFQYDVQQDDA5FeGFtcGxlIFN0YW1wc6CCAdQwggHQMIIBdqADAgECAhQyeQKFf+CWvvL6\
    WnDtVGXdlMEu4DAKBggqhkjOPQQDAjApMRAwDgYDVQQKDAdFeGFtcGxlMRUwEwYDVQQDDAxFeGFtcGxlIFJvb3QwIBcNMjYxMTIyMDk1MDM2WhgPMjEy\
    NjEwMjkwOTUwMzZaMCsxEDAOBgNVBAoMB0V4YW1wbGUxFzAVBgNVBAMMDkV4YW1wbGUgU3RhbXBzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEek1u\
    BXN6p99+T9+CxfC/hKZZTtV8xl+Jrzm3g9PWno4YwT0/8RZ0xvBvnDc/XR5G8resXgrjD0mQEBqYXW+IdqN4MHYwDAYDVR0TAQH/BAIwADAOBgNVHQ8B\
    Af8EBAMCB4AwFgYDVR0lAQH/BAwwCgYIKwYBBQUHAwgwHQYDVR0OBBYEFOiDfOhQ4APiyuePdZpe0Ayf/e7jMB8GA1UdIwQYMBaAFPvlm85GpB4N9jJf\
    bwQHmUU3ttxjMAoGCCqGSM49BAMCA0gAMEUCIQC3/zMouXuqVOhW4NGO0Jbbj/VDCvNnD3egFcZe7TcLcwIgJC9DmYHqtyt2eHjtTN+A0OANZgxQdgTT\
    1pCJRi4OK9ExggFVMIIBUQIBATBBMCkxEDAOBgNVBAoMB0V4YW1wbGUxFTATBgNVBAMMDEV4YW1wbGUgUm9vdAIUMnkChX/glr7y+lpw7VRl3ZTBLuAw\
    DQYJYIZIAWUDBAIBBQCggaQwGgYJKoZIhvcNAQkDMQ0GCyqGSIb3DQEJEAEEMBwGCSqGSIb3DQEJBTEPFw0yNjExMjIwOTUwMzZaMC8GCSqGSIb3DQEJ\
    BDEiBCBWzq5V6fpE2ciKisRSOwFpt653kUSuXPRS5X+LdHAjwTA3BgsqhkiG9w0BCRACLzEoMCYwJDAiBCA0iGVACEFRaMPMrUe4kiccsVZopzrq30w4\
    HKf1eqsS7TAKBggqhkjOPQQDAgRHMEUCIQCXwIVHVo2fUzWrOOmKNuPFe0yYQJ81jiVlf1gQu/DM/gIgI1CLD+XLvP7n+fPkO1ko+sTSTB98DrtkH3K+\
    +JS8RXY=";

/// The certificate that vouches for the authority.
pub(crate) const CA: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBmDCCAT6gAwIBAgIUZaSBK1mTl0SPz13HpowEx6vb300wCgYIKoZIzj0EAwIw\n\
KTEQMA4GA1UECgwHRXhhbXBsZTEVMBMGA1UEAwwMRXhhbXBsZSBSb290MCAXDTI2\n\
MTEyMjA5NTAzNloYDzIxMjYxMDI5MDk1MDM2WjApMRAwDgYDVQQKDAdFeGFtcGxl\n\
MRUwEwYDVQQDDAxFeGFtcGxlIFJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n\
AASLuI9WQiByKfyWlezn5SU4pwlSa2ZCSm9B2M0eb29n5tCzWr7eViYv4vvsk2kV\n\
q4DtMwqnCRHN2HnGrhR/9ZEVo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB\n\
/wQEAwICBDAdBgNVHQ4EFgQU++WbzkakHg32Ml9vBAeZRTe23GMwCgYIKoZIzj0E\n\
AwIDSAAwRQIgLVVV/M6+QDc6sJTAzNvPgYIu+Fl667rrz62CbH9kR9ICIQCyRlLd\n\
54vR/zjQpX0dz2ZQ+p+/HDmm1iIB6XV7bwzUTQ==\n\
-----END CERTIFICATE-----\n\
";

/// The leaf of the log.
pub(crate) const LEAF: &str = r#"{"actor":"u1","recv_ms":1000,"t":"org.changed","ten":"t","v":1}"#;
/// What was stamped.
pub(crate) const BODY: &str = "d/t/events\n1\ninYcqvNQe9NkNk3j7IBiCNHy1kaW81WRkPverhqbxno=\n";
/// The number in the request.
pub(crate) const NONCE: u64 = 0x2192_46b0_09e6_a5c0;
