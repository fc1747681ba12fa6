//! What a run costs a destination that counts requests.
//! Must not know: how it is guessed, or how it is told.

/// About what a run costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Sent to the destination from the first write on, the look at the result included.
    pub requests: u64,
    /// The most in a second; `None` where nothing limits them.
    pub rate: Option<f64>,
}

impl Forecast {
    /// How long requests take that are sent as fast as is allowed.
    pub fn seconds(&self, requests: u64) -> Option<f64> {
        self.rate.map(|rate| (requests as f64 / rate).ceil())
    }

    /// How much of the allowed rate is used, from 0 to 1.
    pub fn share(&self, per_second: f64) -> Option<f64> {
        self.rate.map(|rate| (per_second / rate).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_says_how_long_it_takes_and_what_of_it_is_used() {
        let forecast = Forecast { requests: 95, rate: Some(10.0) };
        assert_eq!((forecast.seconds(95), forecast.share(9.7)), (Some(10.0), Some(0.97)));
        assert_eq!(forecast.share(12.0), Some(1.0));
        let free = Forecast { rate: None, ..forecast };
        assert_eq!((free.seconds(95), free.share(9.7)), (None, None));
    }
}
