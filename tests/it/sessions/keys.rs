//! Two RSA keys, made for these tests with `openssl genpkey`; they guard nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::KeyPair;
use ring::signature::RSA_PKCS1_SHA512;
use ring::signature::RsaKeyPair;
use ring::signature::RsaPublicKeyComponents;

/// A key that signs assertions as snapd does.
pub(super) struct Signer(RsaKeyPair);

impl Signer {
    /// The brand's.
    pub(super) fn brand() -> Self {
        Self::of(BRAND)
    }

    /// The device's.
    pub(super) fn device() -> Self {
        Self::of(DEVICE)
    }

    fn of(text: &str) -> Self {
        let bytes = STANDARD.decode(text.replace(['\n', ' '], "")).unwrap();
        Self(RsaKeyPair::from_pkcs8(&bytes).unwrap())
    }

    /// The public half, as assertions carry it.
    pub(super) fn public(&self) -> String {
        let public: RsaPublicKeyComponents<Vec<u8>> = self.0.public_key().into();
        let made_at = 1_451_606_400_u32.to_be_bytes();
        let body = [&[4][..], &made_at, &[1], &number(&public.n), &number(&public.e)].concat();
        encoded(6, &body)
    }

    /// The signed assertion of these headers, and perhaps of a body.
    pub(super) fn sign(&self, headers: &str, body: &str) -> String {
        let headers = headers.trim();
        let content = match body {
            "" => headers.to_owned(),
            body => format!("{headers}\nbody-length: {}\n\n{body}", body.len()),
        };
        // Version, of bytes, RSA, SHA-512; no hashed and no other words.
        let head = [4, 0, 1, 10, 0, 0];
        let signed = [content.as_bytes(), &head, &[4, 0xff, 0, 0, 0, 6]].concat();
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = SystemRandom::new();
        self.0.sign(&RSA_PKCS1_SHA512, &random, &signed, &mut signature).unwrap();
        let packet = [&head[..], &[0, 0], &[0, 0], &number(&signature)].concat();
        format!("{content}\n\n{}\n", encoded(2, &packet))
    }
}

/// A number with its bits counted; zeros at its beginning are left away.
fn number(bytes: &[u8]) -> Vec<u8> {
    let n_zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[n_zeros..];
    let bits = bytes.len() * 8 - bytes[0].leading_zeros() as usize;
    [&u16::try_from(bits).unwrap().to_be_bytes()[..], bytes].concat()
}

/// A packet behind the version of the encoding.
fn encoded(tag: u8, body: &[u8]) -> String {
    let length = body.len() - 192;
    let (high, low) = (u8::try_from(length / 256 + 192).unwrap(), (length % 256).to_be_bytes());
    let packet = [&[1, 0xc0 | tag, high, *low.last().unwrap()][..], body].concat();
    STANDARD.encode(packet)
}

const BRAND: &str = "\
    MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC9Mlrw4GUql5PXDdl0R4NZfe4uGuUxWUeIc6LOvu0G9/9i\
    n4biKFoHwHh8OD0X2STrw0qAs190j5RPz9OUbtOIU5sTNIEnyuDm3ecssvjIg0Ar1UKUPDjdJ8wKUtYF3ubIfU4/sTYdfB3I\
    YKdRxxgh60qe0b/N4nHEyJq5209iJ2Cuh1wO+/kk4aEa/cuQ7WiXOb7yJ+RNErIxfZz9UQ8Ua61lOYdzhck5FDQB8hUlVAOe\
    lQ5EjSdC75DEr53vI5LW/K57icOFCpAXsN25Lcb3o81RH+bAvaYJ75oS4+xl1m7osV0bbMtAMp6eaEnlqxNZzOSryd4tbNRA\
    8yaOnyorAgMBAAECggEAANEg3tDOsmMKej6u7qgmz/VzeirNMYpUHqmhXjM25ULVcivAvl50LolIFSlvok4EOBWLBU9LEXTn\
    4fQ7vnSeQjPhKOCRqNOdgeDXxjCORXDXo6SaD6Z6LirosOt1A0ZEFkFDn0F3ILGfKHT9idqDggerV7wNiUAe3oe6Q4MEndx6\
    IDItiIJg7q6b+XVDmAMzPkIOvSTOqN5tUHw+rZjfYU++ffE3ezmn/n9ujdXwpBzKeG1iM9ySpLGHZLGE4b+wdupxvwFvaE9h\
    PD+PXoOr01Xh2IHzoGRe1tNrQKU6yyDAFj5TUGAsFIbxS5JEsqNSr71B+X0d043bS2ggFWCT4QKBgQDwsTSwObYv8kuCwFzY\
    ZKQRhy5s/Nwh2raEeGxxXaTmcAxPzQd8jexca59S6NCjqdZurKmcXxcERMWtDlq7oh2dOw+9nCMmWIrFT/t7/01Q5WuMtROi\
    LEXHq+Ufohmp8B8Fa2kCqEcz0hb0SVYcjQTwMREv74+S2liC4s1kgg2ZIQKBgQDJOruk/2t6Y1qNznk9cI/RBIj6WwfNBkSW\
    IDfaLdPj0LVYTq4fu7FqL/FkalGmekQ5+GiHsj2pSXoc7zD2S3WEmI5Tt+IiLXouG3spbQmyjzwEQzEeiM4s2V4K3nBY2TcW\
    N48Um490d6JceEWqupjkg2sLN/F9+Za6c/rXnb4dywKBgDvP7YX1cX7MuVMOtoPXzqXEcBcJZzLKhRy6SEiLutTA925FRxz+\
    r8PvwrH5xQ9Gv1DVe3iucKvQ40a0EHwcNzvBV5II4PtAeYu66oXP1cjKmkVnIi/kzJpn7xJDWBlQ4ISaQog0hS0tgiLGrq19\
    pcKCjwDYiVc3B1PPRLc7UmHBAoGADSj4KJxDrSdePrPoHeqEnUjMpILbib8FMUQ+ItioaNe3ZGUQ4iZmPemQwd5qJJcOazQh\
    se4oNjAF+mpyK0lYECnh9PuroEyVFvrZHSZyYekYJbc3OSX9RdWZXuCZPFZIUf2kL9bUlOtWBPIgrD+zzA4ELCGme3SdNOhs\
    2TkJu+0CgYADABOdNgeYAYw04DCXPaub4+7GcaD0XON4MSeZFgIYsgtkywUuOEpPzjAkKjq9rbd99UoYP4aMScNY8Mali88u\
    RDALTglQ6VtM8A6Jt+K9IHZUBHKPii9kN/TQBhZfY0EAugGxHKmmPkzSrgnAb82xLqGys6ij6quQDF4t5bvwBA==";

const DEVICE: &str = "\
    MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCUEoU9s1oz0dI21LE6klHGdtVpQ9/XRNW6iYt39WPEcTcc\
    LQrFcV9oJktzRzh1NT6OWGNOXZcrZXSpszJ83+1+x5p95qea5YuqpHodeR8bUwmxWDkCTuNuGro70mkWtHo8ZktFdwI4rQ0C\
    UPtXP4gAGrfMf64rbx/wpSZUgn3sCSl5Bvfv+bYsVe54pTIHk+94Clnw+dzslQ2miUWJhFRww0p5dwfxBfAafBQx8Wx3PAvz\
    jcEsHUjH3YH6QZqq6wntNhTM9BY4IFbIKKujc0o1AyQGkXqrDjcg2XVMjfPtn3BKBim6RPVUi5CuflfnZpVavQoKBdx3086O\
    bdRhfbitAgMBAAECgf9HVfowaje1agsxtJutnCXJd3aulVnsW+fxS6fleFNC+0g8Ssw6/bj5Hs86ump4t9jAuynHQfo87flG\
    cw6KcAH7Ei6xI8ObhvsX5XrvYsBEabzsXj8Y3ZNezYGV+x37J6JmzDbMld58GjgqOtmGhGpWTTOUp0PsU50Pp9Yk4Lke/TnZ\
    4aGP4zuV23yC8lC324awZ3nP85mKpbFkHIu5C6pDCjt7MiCJGSz63yH5S2Ytjw7fGtZo9oDGN/cUHQlO3GqWL/+EZZsIxzTK\
    d7B+84jEuSmKFh8fyXEcwrDwrbrNOqjgHPUcxF93UhIjhx0XHP67xjNc4Yxx+PQPTjOACUECgYEAzBufFwl4n89Stpu8NIkM\
    eGkzhoR+EanxfZ9lbWkCZJ3jBYXW1uywUAKCzzFCquZJAw6wyF8FjJJshFVUSdai5dXEkHDq40MmmR0UppwB/T9B8dU0B+3L\
    +brJY9H+bgNRySY2Lq3lbQtDPbp+QnJCMUe7ycMfqvHOiWzS/dHSwLUCgYEAubfSHvEwj9islTHOXavV1WeLwl5zU+xU5Fv0\
    7TpDjaD6607CNxwVL9g4sJEX12r7ihOS2fsr+wZHU4ONmJpgPMMpuvCqJ679ZJ3q5JYGr8pSox4q86+cZQuyYPnLBOsUpuw9\
    pXpDipHgHhuUUQ+nrFldaNBqh1UyzKzUalZwqxkCgYEAiUt7NE/WqAkZpmQTsXMOxGBfnHi7JL6gBtSVsYcVaQEbmLdy0Jfd\
    8bP+sch9A+Br9HaJS/8/CFPmUw3i6NhMMzYcRtzt43lkGVKKdZgzblqCzV2Q5lR7BL00gsTa1L2+4gOmJrgqv7L3xCoSjDe3\
    dta95vYt8xs8xwxA0SO3FJECgYAWs5SYuazQ+JBoEFWEd7vEwUqBMOByEsJxw5fV47hcOKBTYSY2bFVeqtSLKME8UNR8lVXv\
    FVfT8HmJiNwnGj/HTaftNPvnq+lHglIzLO+WT2n4jHh9nyrD40Ejv4UEjePRX7FNZ/uXlatKot5nZj19wNK9PDS5ZD24bSvt\
    77EICQKBgQC/KL2zdZYp9M7ys2YJByMNijKsfOinqK5F18e8o9fHoX6LuCkllBhUyz0ylGV7uqGFKI9iuPXGyCHRoJoBMtFC\
    ob+N4ziC11OMaFZqnBSrjVySzDXKW8K3Qwj7GKIjmNkq62oBDCMYz+NncU28AHyoCfuKax9u9FnCvBcWq6kdbw==";
