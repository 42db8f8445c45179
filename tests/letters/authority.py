"""A certification authority of the tests: guarantors' certificates, a time stamping authority, revocation lists."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

_NOW = datetime.now(UTC).replace(microsecond=0)
LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
"""The levels of PAdES (ETSI EN 319 142-1): signature; with time stamp; with validation data; with archive stamp."""


class Authority:
    """A root that issues certificates, stamps the time and says which certificates were revoked: none."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._pairs: dict[str, tuple[x509.Certificate, Any]] = {}
        self.root = self._certificate("测试根证书", self._key.public_key(), authority=True)
        self._stamp = self._pair("测试时间戳", purpose=ExtendedKeyUsageOID.TIME_STAMPING)

    def sign(
        self,
        pdf: bytes,
        *,
        holder: str,
        level: str = "B-B",
        field: str = "Guarantor",
        stamped_by: "Authority | None" = None,
    ) -> bytes:
        """The PDF signed by that holder at that level of PAdES, its time stamped by this authority or another."""
        certificate, key = self._pair(holder)
        stamping = stamped_by or self
        roots, lists = zip(*((_read(each.root), each._crl()) for each in {self, stamping}), strict=True)
        store = SimpleCertificateStore.from_certs(roots)
        context = ValidationContext(trust_roots=roots, crls=lists, allow_fetching=False)
        metadata = signers.PdfSignatureMetadata(
            field_name=field,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            embed_validation_info=level in ("B-LT", "B-LTA"),
            use_pades_lta=level == "B-LTA",
            validation_context=context if level in ("B-LT", "B-LTA") else None,
        )
        signer = signers.SimpleSigner(_read(certificate), key, store)
        stamper = DummyTimeStamper(_read(stamping._stamp[0]), stamping._stamp[1], certs_to_embed=store)
        given = IncrementalPdfFileWriter(BytesIO(pdf))
        with_stamp = stamper if level != "B-B" else None
        made: BytesIO = signers.PdfSigner(metadata, signer, timestamper=with_stamp).sign_pdf(given)
        return made.getvalue()

    def _pair(self, name: str, *, purpose: x509.ObjectIdentifier | None = None) -> tuple[x509.Certificate, Any]:
        if name not in self._pairs:
            self._pairs[name] = self._made(name, purpose)
        return self._pairs[name]

    def _made(self, name: str, purpose: x509.ObjectIdentifier | None) -> tuple[x509.Certificate, Any]:
        key = rsa.generate_private_key(65537, 2048)  # the one kind that pyHanko's own stamper signs with
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        certificate = self._certificate(name, key.public_key(), purpose=purpose)
        return certificate, load_private_key_from_pemder_data(pem, passphrase=None)

    def _certificate(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        *,
        authority: bool = False,
        purpose: x509.ObjectIdentifier | None = None,
    ) -> x509.Certificate:
        issuer = _named("测试根证书")
        usage = {
            "digital_signature": not authority,
            "content_commitment": not authority,
            "key_cert_sign": authority,
            "crl_sign": authority,
        }
        absent = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
        builder = (
            x509.CertificateBuilder(issuer, _named(name), key, x509.random_serial_number())
            .not_valid_before(_NOW - timedelta(days=30))
            .not_valid_after(_NOW + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage, **dict.fromkeys(absent, False)), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        if not authority:
            own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
            builder = builder.add_extension(own, critical=False)
        if purpose is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        return builder.sign(self._key, hashes.SHA256())

    def _crl(self) -> asn1_crl.CertificateList:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(_named("测试根证书"))
            .last_update(_NOW - timedelta(days=1))
            .next_update(_NOW + timedelta(days=30))
            .add_extension(own, critical=False)
            .add_extension(x509.CRLNumber(1), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return asn1_crl.CertificateList.load(made.public_bytes(serialization.Encoding.DER))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _read(certificate: x509.Certificate) -> Any:
    return next(iter(load_certs_from_pemder_data(certificate.public_bytes(serialization.Encoding.DER))))
