use model::spiking::*; use model::*; use ndarray::*; use meanfield::*;
fn talk(wei:f64,wii:f64,cv:Option<(f64,f64)>)->SpikingNetwork{
  let mut n=SpikingNetwork::baker_2019_pair(5000);
  let root=5000f64.sqrt();
  n.connections.external_shares=array![]; n.connections.external_rates=array![]; n.connections.external_probability=Array2::zeros((2,0)); n.connections.external_strength=Array2::zeros((2,0)); n.external_synapses=vec![];
  n.connections.probability.fill(0.05); n.connections.strength=array![[50.,-wei],[225.,-wii]];
  n.constant=vec![0.4*root/15.0,0.3*root/15.0];
  if let Some((a,_b))=cv { n.synapses[1].spread=Some(Spread{law:WeightLaw::LogNormal,variation:a}); }
  n }

fn pcisp(wei:f64,wii:f64,cv:f64)->SpikingNetwork{
  let mut n=talk(wei,wii,None); let root=5000f64.sqrt();
  n.connections.probability.fill(0.1); n.connections.strength=array![[500./15.,-wei],[2250./15.,-wii]];
  n.constant=vec![0.6*root/15.0,0.4*root/15.0]; n.floor=Some(-80.0);
  n.synapses[0]=Synapses::current(6.0); n.synapses[1]=Synapses::current(4.0);
  if cv>0.0 { n.synapses[1].spread=Some(Spread{law:WeightLaw::Gamma,variation:cv}); }
  n.neurons=vec![Neuron::Exponential(model::neuron::Exponential{tau:15.0,rest:-72.0,sharpness:2.0,onset:-55.0,threshold:0.0,reset:-73.0})];
  n }

fn main(){
   let mut n=pcisp(3500./15.,5000./15.,0.0);
   let r=|rate,target| Some(Plasticity{rule:PairRule::Additive,rate,target,trace:200.0});
   n.plasticity[[0,1]]=r(4.0/15.0,4.0); n.plasticity[[1,1]]=r(2.0/15.0,8.0);
   let t=std::time::Instant::now();
   println!("{:?} {}",learned_rates(&n),t.elapsed().as_secs_f64());
   let mut n=talk(300.,500.,None);
   let r=|rate,target| Some(Plasticity{rule:PairRule::Multiplicative,rate,target,trace:200.0});
   n.plasticity[[0,1]]=r(3e-3,8.0); n.plasticity[[1,1]]=r(2e-3,10.0);
   let t=std::time::Instant::now();
   println!("{:?} {}",learned_rates(&n),t.elapsed().as_secs_f64());
}
